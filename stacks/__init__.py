"""What is built where: settings of a stack, and the regions and the edge composed from components."""
