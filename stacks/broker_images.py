"""Images of PostgreSQL and RabbitMQ, by full version."""

# The operator's own build of PostgreSQL 18.6: a tag of it has no third number, so the digest says which one.
# github.com/cloudnative-pg/postgres-containers
POSTGRES = (
    "ghcr.io/cloudnative-pg/postgresql:18.6-202608131513-minimal-trixie"
    "@sha256:e488b1434919f455f2ee4e18a181ce9b33f34cdd8dfb821126855486bce6ad34"
)
# The newest patch of 4.2, the line that the operator below is made with. hub.docker.com/_/rabbitmq
RABBITMQ = "rabbitmq:4.2.9-management"
# As the released manifest has it. github.com/rabbitmq/cluster-operator
RABBITMQ_OPERATOR = "ghcr.io/rabbitmq/cluster-operator:2.22.3"
