# Terminals, by script(1) as the user's terminal.
script -qec 'docker run --rm -t busybox tty' /dev/null </dev/null
script -qec 'stty rows 44 cols 99; docker run --rm -t busybox sh -c "sleep 0.3; stty size"' /dev/null </dev/null
script -qec 'docker run --rm -t busybox sh -c "echo \$TERM; ls -l /dev/console | cut -c1-10; ls /dev/pts"' /dev/null </dev/null
script -qec 'docker run --rm -it busybox sh -c "exit 5"' /dev/null </dev/null
(sleep 1; echo 'echo $((6*7))'; sleep 0.3; echo exit) | script -qec 'docker run --rm -it -e PS1=% busybox sh' /dev/null | grep -c 42
docker run --rm -it busybox true
docker run --rm -t busybox sh -c 'echo out; echo err >&2'
docker run -d -t --name term busybox sh -c 'echo hello; sleep 1000'
sleep 0.3; docker logs term
docker inspect -f '{{.Config.Tty}} {{.Config.OpenStdin}} {{.Config.StdinOnce}}' term
script -qec 'docker attach term' /dev/null </dev/null & sleep 0.7; docker kill term; wait; true
docker rm -f term
(sleep 1; printf '\020\021'; sleep 0.5) | script -qec 'docker run -it --name left busybox sh -c "sleep 1000"' /dev/null | tail -1
docker ps -f name=left --format '{{.Names}}'
docker rm -f left
