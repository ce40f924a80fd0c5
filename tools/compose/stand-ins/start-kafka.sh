#!/bin/sh
# As the start of apache/kafka: Kafka's own wrapper makes the configuration of KAFKA_* and formats the storage.
set -eu

CLUSTER_ID=${CLUSTER_ID:-5L6g3nShT-eMCtK--X86sw}
export CLUSTER_ID
# The second start finds the storage formatted, which the wrapper takes for a failure.
said=$(java -Xmx128m -XX:TieredStopAtLevel=1 -cp '/opt/kafka/libs/*' kafka.docker.KafkaDockerWrapper setup \
  --default-configs-dir /etc/kafka/docker --mounted-configs-dir /mnt/shared/config --final-configs-dir /opt/kafka/config 2>&1) \
  || case $said in *'already formatted'*) ;; *) echo "$said" && exit 1 ;; esac
# shellcheck disable=SC2086 # two options in one variable
exec java $KAFKA_HEAP_OPTS -Dlog4j2.configurationFile=/opt/kafka/config/log4j2.yaml -cp '/opt/kafka/libs/*' \
  kafka.Kafka /opt/kafka/config/server.properties
