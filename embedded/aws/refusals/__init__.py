"""What AWS refuses and moto does not: one table per service."""
