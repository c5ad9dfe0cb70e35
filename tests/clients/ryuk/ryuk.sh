#!/bin/sh
# A stand-in for testcontainers' Ryuk: it takes filters ("label=KEY=VALUE") over its port, acknowledges each, and when the
# client has gone removes every container, network and volume that one of them finds.
case ${1:-} in
"")
	ask GET /_ping >/dev/null || exit 1
	echo Started
	exec nc -l -p 8080 -e ryuk serve
	;;
serve)
	while read -r filter; do
		filter=$(echo "$filter" | tr -d '\r')
		[ -n "$filter" ] || continue
		echo "${filter#label=}" >>/labels
		echo ACK
	done
	exec ryuk reap >/reaped 2>&1 </dev/null
	;;
reap)
	while read -r label; do
		query="filters=%7B%22label%22%3A%5B%22$label%22%5D%7D"
		for id in $(ask GET "/containers/json?all=1&$query" | grep -o '"Id":"[0-9a-f]*"' | cut -d'"' -f4); do
			case $id in "$(hostname)"*) ;; *) ask DELETE "/containers/$id?force=1&v=1" ;; esac
		done
		for id in $(ask GET "/networks?$query" | grep -o '"Id":"[0-9a-f]*"' | cut -d'"' -f4); do
			ask DELETE "/networks/$id"
		done
		for name in $(ask GET "/volumes?$query" | grep -o '"Name":"[^"]*"' | cut -d'"' -f4); do
			ask DELETE "/volumes/$name?force=1"
		done
	done </labels
	;;
esac
