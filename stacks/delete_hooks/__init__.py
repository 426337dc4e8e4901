"""What a delete has to wait for: things on AWS that are in nobody's state, one file for each kind."""
