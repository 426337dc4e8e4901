"""The command line and the driver for CI: everything that starts the engine or looks after what it left."""
