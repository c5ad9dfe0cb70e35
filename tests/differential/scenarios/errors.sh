# What is refused, and how.
docker run --rm busybox nosuch
docker run --rm busybox /etc/passwd
docker run --rm busybox /etc
docker run --rm busybox ./nosuch
docker run --rm busybox /nosuch/x
docker run --rm busybox ''
docker run --name broken busybox nosuch
docker inspect -f '{{.State.Status}} {{.State.ExitCode}} {{.State.Error}}' broken
docker start broken
docker ps -a --format '{{.Names}} {{.Status}}'
docker logs broken
docker rm broken
docker run --rm --name 'a b' busybox true
docker run --rm --name x busybox true
docker run --rm --nonsense busybox true
docker run
docker run --rm busybox:nosuch@sha256:1 true
docker run --rm UPPER true
docker stop nobody
docker kill nobody
docker rm nobody
docker wait nobody
docker logs nobody
docker unpause nobody
docker update --memory 5m nobody
docker export nobody
docker commit nobody
docker cp nobody:/x $T
docker create --name noimagecmd --entrypoint '' busybox
# The API itself.
api GET /_ping
curl -s -I --unix-socket $SOCK http://d/_ping | tr -d '\r' | tr A-Z a-z | grep -E '^(http|api-version|ostype|cache|pragma|content-type|docker-exp)' | sort
api GET /v1.99/info
api GET /v1.0/info
api GET /v1.41/nosuch
api GET /vx/info
api DELETE /v1.41/info
api POST /v1.41/containers/create nonsense text/plain
api POST /v1.41/containers/create '{bad'
api POST /v1.41/containers/create '[]'
api POST /v1.41/containers/create '{"Image":5}'
api POST /v1.41/containers/create '{}'
api POST /v1.41/containers/create
api POST /v1.41/containers/create '{"Image":"nosuch"}'
api POST '/v1.41/containers/create?name=raw' '{"Image":"busybox","Cmd":"echo one","Nonsense":1}'
docker inspect raw
api POST /v1.41/containers/raw/start
api GET '/v1.41/containers/json?filters=nonsense'
api GET '/v1.41/containers/json?limit=x'
api GET /v1.41/containers/raw/logs
api GET /v1.41/containers/nobody/json
api GET /v1.41/images/nosuch/json
api GET /v1.41/images/nosuch/history
api GET /v1.41/volumes/nosuch
api GET /v1.41/networks/nosuch
api POST '/v1.41/containers/raw/stop?t=x'
api POST '/v1.41/containers/raw/resize?h=x&w=1'
api POST /v1.41/containers/raw/rename
api DELETE /v1.41/containers/raw
api POST /v1.41/swarm/init '{}' >$T/out
api GET /v1.41/swarm
docker rm -f raw noimagecmd
api POST '/v1.41/containers/create?name=twice' '{"Image":"busybox"}{}'
docker rm -f twice
