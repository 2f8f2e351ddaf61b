#!/bin/sh
subctl join broker-info.subm --clusterid east --cluster-cidr=10.1.0.0/16 --natt=perhaps
subctl join broker-info.subm --clusterid=west \
  --clustercidr=10.2/16,10.3.0.1/16 --servicecidr 10.300.0.0/16
