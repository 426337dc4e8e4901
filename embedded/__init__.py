"""The embedded cloud: AWS, Kubernetes and random providers for Pulumi's real engine, without an account."""
