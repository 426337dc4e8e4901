"""Copies of backups in another AWS region, as settings and rules know them, which load no SDK."""

# The only figure that S3 takes, and what it promises for 99.9 % of objects:
# docs.aws.amazon.com/AmazonS3/latest/userguide/replication-time-control.html
COPY_MINUTES = 15

COPY_PROVIDER = "aws-copies"  # a region's provider for the AWS region of its copies is `<region>-aws-copies`
