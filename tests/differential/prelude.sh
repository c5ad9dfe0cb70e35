# api METHOD PATH [JSON | BODY CONTENT-TYPE]: a request without the CLI; the status goes to stderr.
api() {
	curl -s --unix-socket "$SOCK" -X "$1" ${3:+-H "Content-Type: ${4:-application/json}" -d "$3"} -o "$T/body" -w 'HTTP %{http_code}\n' "http://d$2" >&2
	cat "$T/body"
	rm -f "$T/body"
}

# run OPTION... IMAGE COMMAND: a container that needs no network, which dockerd starts sooner.
run() {
	docker run --rm --network none "$@"
}

# build OPTION...: docker build in $T/c with the Dockerfile from stdin, without what it says of intermediate containers.
export DOCKER_BUILDKIT=0
build() {
	cat >$T/c/Dockerfile
	docker build "$@" "$T/c" >$T/build.out 2>$T/build.err
	code=$?
	sed -e '/ ---> Running in /d' -e '/^Removing intermediate container /d' $T/build.out
	cat $T/build.err >&2
	return $code
}
