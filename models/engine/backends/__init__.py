"""What runs a model on a device, one file each; `conversion` makes the models of OpenVINO."""
