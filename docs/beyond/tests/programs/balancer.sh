#!/bin/sh
# balancer.sh ADDR FIRST SECOND: haproxy in front of two servers. Each gets a new client in turn. haproxy asks both ten times
# a second whether they are there (check), and sends a client that one of them refuses to the other (redispatch).
configuration=$(mktemp)
cat >"$configuration" <<END
defaults
  mode tcp
  timeout connect 5s
  timeout client 1m
  timeout server 1m
  retries 3
  option redispatch 1
listen echo
  bind $1
  balance roundrobin
  server first $2 check inter 100ms fall 2 rise 2
  server second $3 check inter 100ms fall 2 rise 2
END
exec 3<"$configuration"
rm -f "$configuration"
exec haproxy -q -db -f /dev/fd/3
