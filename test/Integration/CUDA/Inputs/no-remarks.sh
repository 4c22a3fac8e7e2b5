#!/bin/sh
# In place of graph-opt: says nothing.
exit 0
