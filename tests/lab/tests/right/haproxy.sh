#!/bin/sh
# haproxy.sh ADDR BACKEND: haproxy as a plain TCP proxy. A client that gives up before its backend has answered is let go
# (abortonclose), and a backend that refuses is not asked again (retries).
configuration=$(mktemp)
cat >"$configuration" <<END
defaults
  mode tcp
  option abortonclose
  retries 0
  timeout connect 1m
  timeout client 1h
  timeout server 1h
listen proxy
  bind $1
  server backend $2
END
exec 3<"$configuration"
rm -f "$configuration"
exec haproxy -db -f /dev/fd/3
