"""What can be built. Nothing here reads configuration or knows a stack's name.

Physical names begin with `<game>-<region>` wherever a resource has one: after an interrupted run, recovery finds the
real object by that name (or by its `Name` tag), so names are fixed and not left to the provider's random suffix.
"""
