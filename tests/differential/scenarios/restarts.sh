# Restart policies.
docker run -d --name again --restart on-failure:2 busybox sh -c 'echo run; exit 3'
docker wait again; sleep 2; docker inspect -f '{{.RestartCount}} {{.State.ExitCode}} {{.State.Status}}' again
docker logs again
docker ps -a -f name=again --format '{{.Status}}'
docker rm again
docker run -d --name ok --restart on-failure busybox true
docker wait ok; docker inspect -f '{{.RestartCount}} {{.State.Status}} {{.HostConfig.RestartPolicy.Name}}' ok
docker rm ok
docker run -d --name forever --restart always busybox sh -c 'sleep 0.1'
sleep 2; docker inspect -f '{{.HostConfig.RestartPolicy.Name}} {{.State.Status}}' forever | sed 's/restarting/running/'
docker stop -t 0 forever; docker inspect -f '{{.State.Status}}' forever
docker rm forever
docker run -d --name stopped --restart unless-stopped busybox sleep 1000
docker kill stopped; docker inspect -f '{{.State.Status}} {{.RestartCount}}' stopped
docker update --restart no stopped
docker rm -f stopped
