module attributes {graphopt.calibration = {conditional_us = 2.5}} {}
