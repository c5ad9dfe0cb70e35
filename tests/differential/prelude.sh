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

# kit OPTION...: docker build of $T/c (or $T/$CTX) by BuildKit, with the Dockerfile from stdin. The CLI is the PATH's first
# that has BuildKit's client inside. Told is what each step but FROM printed, or that it was cached, in the file's order.
kit() {
	cat >"$T/${CTX:-c}/Dockerfile"
	kit_only "$@" "$T/${CTX:-c}"
}

# The same with the words as they are.
kit_only() {
	[ -s $T/kit.client ] || kit_client >$T/kit.client
	DOCKER_BUILDKIT=1 BUILDKIT_PROGRESS=plain "$(cat $T/kit.client)" build "$@" >$T/kit.out 2>$T/kit.err
	code=$?
	cat $T/kit.out
	# Steps are called by their first word: BuildKit puts arguments into the others.
	awk '
		/^#[0-9]+ \[[^]]*[0-9]\/[0-9]+\] / {
			at = $0; sub(/^#[0-9]+ \[ */, "", at); sub(/\] .*/, "", at); gsub(/  +/, " ", at)
			word = $0; sub(/^[^]]*\] /, "", word); sub(/ .*/, "", word)
			if (toupper(word) != "FROM") key[$1] = at "\t" toupper(word)
			next
		}
		!($1 in key) { next }
		/^#[0-9]+ CACHED$/ { print key[$1] "\t0\t(cached)"; next }
		/^#[0-9]+ DONE/ || /^#[0-9]+ ERROR/ && said[$1] { print key[$1] "\t0\t"; next }
		/^#[0-9]+ [0-9.]+ / {
			line = $0; sub(/^#[0-9]+ [0-9.]+ /, "", line)
			ended = sub("#[0-9]+ DONE [0-9.]+s$", "", line)
			if (line ~ /^runc run failed: /) next
			said[$1] = 1
			print key[$1] "\t" ++lines "\t" line
			if (ended) print key[$1] "\t0\t"
		}
	' $T/kit.err | sort -t "$(printf '\t')" -k 1,1V -k 3,3n -s | awk -F '\t' '
		$3 == 0 { print $2 ($4 == "" ? "" : " " $4); next }
		{ sub(/^[^\t]*\t[^\t]*\t[^\t]*\t/, ""); print "  " $0 }
	'
	sed -E -e '/^#/d' -e '/^ *$/d' -e '/^------$/,/^------$/d' \
		-e 's/^failed to solve( with frontend [a-z0-9.]+)?: //' -e 's/^failed to (create|build) LLB( definition)?: //' \
		-e 's/^executor failed running \[.*\]: unable to/unable to/' -e 's/^executor failed running \[(.*)\]: exit code/process "\1" did not complete successfully: exit code/' $T/kit.err >&2
	return $code
}

kit_client() {
	IFS=:
	for directory in $PATH; do
		case $("$directory/docker" --version 2>/dev/null) in *' version 20.10.'*) echo "$directory/docker" && return ;; esac
	done
}

# files IMAGE PATH...: kinds, modes, owners and sums of an image's files, which has a shell.
files() {
	image=$1
	shift
	run -u 0 --entrypoint sh -w / "$image" -c 'find "$@" | sort | while IFS= read -r file; do
		sum=; [ -L "$file" ] || [ ! -f "$file" ] || sum=$(md5sum <"$file")
		echo "$(stat -c "%A %u:%g %N" "$file") $sum"
	done' sh "$@"
}

# config IMAGE: what an image says of how it runs.
config() {
	docker image inspect -f '{{.Config.User}}|{{.Config.WorkingDir}}|{{.Config.StopSignal}}|{{.Author}}|{{.Os}}/{{.Architecture}}' "$1"
	docker image inspect -f '{{json .Config.Env}}{{json .Config.Labels}}{{json .Config.Volumes}}{{json .Config.ExposedPorts}}' "$1"
	docker image inspect -f '{{json .Config.Cmd}}{{json .Config.Entrypoint}}{{json .Config.Healthcheck}}{{json .Config.OnBuild}}{{json .Config.Shell}}' "$1"
}
