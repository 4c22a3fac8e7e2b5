#!/bin/sh
# Stands for a graph-run whose results are right and whose counters are not.
echo '{"graph_launches":2,"kernel_nodes":1,"readbacks":1,"host_branches":0,"updates":0}'
echo 'verify: ok, worst relative error 0; 0 of 1 elements differ'
