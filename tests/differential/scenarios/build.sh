# docker build, the classic way. dockerd makes a container for steps that run nothing, Cloche does not: build hides what tells of it.
mkdir -p $T/c/sub/deep && cd $T/c && echo one >one.txt && echo two >two.txt && echo deep >sub/deep/f && chmod 640 two.txt && chmod 700 sub && ln -s one.txt link && ln -s ../one.txt sub/up && mkdir empty
printf 'FROM busybox\nRUN echo made >/made; echo err >&2\n' >$T/Dockerfile.run
docker build -f $T/Dockerfile.run -t run:1 $T/c
docker build -f $T/Dockerfile.run -t run:1 $T/c
docker run --rm run:1 cat /made
docker history --no-trunc --format '{{.CreatedBy}}|{{.Comment}}' run:1
printf 'FROM busybox\nLABEL a=b "c d"="e f"\nENV A=1 B="two words" C=$A\nENV OLD the $A rest\nWORKDIR /w\nWORKDIR sub\nUSER 12:13\nEXPOSE 80 90/udp 100-102\nVOLUME /v /x\nVOLUME ["/y", "/z"]\nSTOPSIGNAL SIGINT\nHEALTHCHECK --interval=1m30s --retries=3 CMD true || false\nSHELL ["/bin/sh","-ec"]\nCMD echo $A\nENTRYPOINT ["sh","-c"]\nMAINTAINER somebody\nONBUILD RUN echo triggered\n' | build -t meta:1
docker image inspect -f '{{json .Config.Env}} {{json .Config.Labels}} {{json .Config.Volumes}} {{json .Config.ExposedPorts}} {{json .Config.Healthcheck}}' meta:1
docker image inspect -f '{{.Config.User}} {{.Config.WorkingDir}} {{json .Config.Shell}} {{json .Config.OnBuild}} {{.Config.StopSignal}} {{json .Config.Cmd}} {{json .Config.Entrypoint}} {{.Author}} {{len .RootFS.Layers}}' meta:1
docker history --no-trunc --format '{{.CreatedBy}}|{{.Size}}' meta:1
docker run --rm -u 0 --entrypoint sh meta:1 -c 'pwd; ls -ld /w /w/sub; echo $A $B $C $OLD'
printf 'FROM meta:1\nRUN echo own $A\n' | build -t child:1 --build-arg NONE=1
docker image inspect -f '{{json .Config.OnBuild}} {{json .Config.Cmd}} {{json .Config.Env}} {{.Config.User}}' child:1
printf 'FROM busybox\nCMD ["x"]\nENTRYPOINT y\n' | build -t order:1
docker image inspect -f '{{json .Config.Cmd}} {{json .Config.Entrypoint}}' order:1
printf 'FROM busybox\nENTRYPOINT y\nCMD z\nHEALTHCHECK NONE\n' | build -t order:2
docker image inspect -f '{{json .Config.Cmd}} {{json .Config.Entrypoint}} {{json .Config.Healthcheck}}' order:2
printf 'ARG T=latest\nFROM busybox:$T\nARG T\nARG U=1\nARG V\nENV W=${V:-none} X=${U:+set} Y=${NOPE:-d$U}\nRUN echo "[$T][$U][$V][$W][$X][$Y]"\n' | build -t args:1 --build-arg V=given --build-arg UNUSED=1
docker history --no-trunc --format '{{.CreatedBy}}' args:1
printf 'ARG T=latest\nFROM busybox:$T\nARG T\nARG U=1\nARG V\nENV W=${V:-none} X=${U:+set} Y=${NOPE:-d$U}\nRUN echo "[$T][$U][$V][$W][$X][$Y]"\n' | build -t args:1 --build-arg V=other
printf 'FROM busybox\nCOPY one.txt /\nCOPY one.txt two.txt /d/\nCOPY *.txt /e/\nCOPY sub /s1\nCOPY sub /s2/\nRUN ls -lnR /one.txt /d /e /s1 /s2 | sed "s/ [A-Z][a-z][a-z] .*[0-9] / T /; s/ 4096 / N /"\n' | build -t copy:1
printf 'FROM busybox\nCOPY . /all\nCOPY one.txt /new/name\nCOPY link /l\nCOPY sub/deep/f s[a-z]b/deep /g/\nRUN ls -lnR /all /new /l /g | sed "s/ [A-Z][a-z][a-z] .*[0-9] / T /; s/ 4096 / N /"\n' | build -t copy:2
printf 'FROM busybox\nWORKDIR /w\nCOPY one.txt .\nCOPY one.txt rel/two\nCOPY --chown=nobody:staff sub /owned/sub\nCOPY --chown=5 one.txt /five\nRUN ls -lnR /w /owned /five | sed "s/ [A-Z][a-z][a-z] .*[0-9] / T /; s/ 4096 / N /"\n' | build -t copy:3
printf 'FROM busybox\nCOPY one.txt /\nCOPY one.txt two.txt /d/\nCOPY *.txt /e/\n' | build -t copy:1
echo changed >$T/c/two.txt
printf 'FROM busybox\nCOPY one.txt /\nCOPY one.txt two.txt /d/\nCOPY *.txt /e/\n' | build -t copy:1
docker diff $(docker create copy:1)
docker container prune -f >/dev/null
printf 'FROM busybox\nRUN mkdir -p /real /dir && ln -s /real /to && ln -s /nowhere /dangling && echo f >/file\nCOPY one.txt /to/\nCOPY sub /to/sub\nCOPY one.txt /dangling/x\nCOPY one.txt /dir\nCOPY two.txt /file\nRUN find /real /to /nowhere /dangling /dir /file -exec ls -ld {} \\; | sed "s/ [A-Z][a-z][a-z] .*[0-9] / T /; s/ 4096 / N /"\n' | build -t links:1
tar -C $T/c -czf $T/c/a.tar.gz one.txt sub && tar -C $T/c -cf $T/c/a.tar one.txt && tar -C $T/c -cJf $T/c/a.txz two.txt && cp $T/c/a.tar $T/c/odd.name && echo x | gzip >$T/c/plain.gz
printf 'FROM busybox\nADD a.tar.gz /u\nADD a.tar /u/2/\nADD a.txz odd.name /u/3/\nADD plain.gz /u/\nADD one.txt /u/\nCOPY a.tar /u/\nADD sub /u/sub2\nRUN find /u | sort\n' | build -t add:1
printf 'FROM busybox AS one\nRUN mkdir -p /o/p && echo 1 >/o/f && echo 2 >/o/p/g && chown -R 3:4 /o/p && ln -s f /o/l && ln -s /o/p /o/m\nFROM scratch AS Two\nCOPY --from=one /o /\nFROM busybox\nCOPY --from=0 /o/f /f\nCOPY --from=two / /t\nCOPY --from=one /o/l /o/m /x/\nCOPY --from=one /o/* /y/\nCOPY --from=busybox:latest /etc/passwd /p\nCOPY --from=one --chown=1:1 /o/p /z\nRUN ls -lnR /f /t /x /y /p /z | sed "s/ [A-Z][a-z][a-z] .*[0-9] / T /; s/ 4096 / N /"\n' | build -t multi:1
printf 'FROM busybox AS one\nRUN echo 1\nFROM busybox AS two\nRUN echo 2\n' | build --target one -t target:1
printf 'FROM busybox AS one\nRUN echo 1\nFROM busybox AS two\nRUN echo 2\n' | build --target three
printf 'FROM scratch\nCOPY one.txt /\nLABEL x=y\n' | build -t scratch:1
docker export $(docker create scratch:1 x) | tar -t | grep -v -e .dockerenv -e dev -e etc -e proc -e sys
docker container prune -f >/dev/null
printf 'FROM scratch\n' | build
printf 'FROM busybox\nRUN exit 3\nRUN echo never\n' | build
docker ps -aq --filter status=exited | wc -l
docker container prune -f >/dev/null
printf 'FROM busybox\nRUN exit 3\n' | build --force-rm
docker ps -aq | wc -l
printf 'FROM busybox\nRUN ["nosuch","x"]\n' | build --force-rm 2>&1 | sed 's/.*exec: /exec: /'
printf 'FROM busybox\nRUN ["echo","$HOME"]\nRUN ["sh","-c","echo a  b"]\nRUN [not json 2>/dev/null || echo shell\n' | build --force-rm
printf '# comment\n# escape=`\nFROM busybox\n' | build
printf '# escape=`\nFROM busybox\nRUN echo a `\n# comment\n  b\nENV P="C:\\x" Q=a`$b\nRUN echo "$P $Q"\n' | build
printf 'FROM busybox\nRUN echo a \\\n\n  && echo b \\\n  # not here\n  && echo c\n' | build
printf 'FROM busybox\nENV A=1 B="x y" C='"'"'$A'"'"' D=\\$A E="\\"$A\\"" F=$A$A G=${A}b H=a\\ b\nRUN echo "$A|$B|$C|$D|$E|$F|$G|$H"\nLABEL l="$A" m='"'"'$A'"'"'\nEXPOSE ${A}00\nWORKDIR /$A/x\nUSER ${NOPE:-root}\nVOLUME /v$A\n' | build -t quotes:1
docker image inspect -f '{{json .Config.Env}} {{json .Config.Labels}} {{json .Config.ExposedPorts}} {{.Config.WorkingDir}} {{.Config.User}} {{json .Config.Volumes}}' quotes:1
printf 'from busybox\nrun echo lower\ncopy one.txt /\nenv a=b\n' | build -t lower:1
docker history --no-trunc --format '{{.CreatedBy}}' lower:1
printf 'FROM meta:1 AS base\nFROM base\nONBUILD COPY one.txt /from\nONBUILD ENV Z=1\n' | build -t onbuild:1
printf 'FROM onbuild:1\nRUN cat /from; echo $Z\n' | build -t onbuilt:1
docker image inspect -f '{{json .Config.OnBuild}}' onbuilt:1
printf 'FROM busybox\n' | build -t labelled:1 --label k=v --label 'x=c $HOME "q"'
docker image inspect -f '{{json .Config.Labels}}' labelled:1
printf 'FROM busybox\nRUN cat /proc/self/limits | grep "open files"; ip link 2>/dev/null | grep -c eth; grep extra /etc/hosts; df -m /dev/shm | tail -1 | cut -c50-56\n' | build --no-cache --ulimit nofile=99:100 --network none --add-host extra:1.2.3.4 --shm-size 8m
printf 'FROM busybox\nRUN echo 1\n' | build -q | wc -c
printf 'FROM busybox\nRUN echo told; exit 4\n' | build -q --force-rm
printf 'FROM busybox\nRUN echo 1\n' | build --iidfile $T/iid && wc -c <$T/iid
printf 'FROM busybox\nRUN echo 1\n' >$T/c/dockerfile && rm -f $T/c/Dockerfile && docker build $T/c && rm $T/c/dockerfile
printf 'FROM busybox\nRUN ls /\n' | docker build -
printf 'FROM busybox\nCOPY x /\n' | docker build -
tar -C $T/c -c one.txt sub | docker build -f nosuch -
mkdir $T/i && cd $T/i && printf 'FROM busybox\nCOPY . /c\nRUN find /c | sort\n' >Dockerfile && printf '# c\n*.log\n!keep.log\nnode\n**/tmp\nDockerfile\n.dockerignore\n' >.dockerignore && touch a.log keep.log b && mkdir -p node d/tmp d/e/tmp && touch node/x d/tmp/y d/e/tmp/z d/e/f
docker build $T/i
printf 'FROM busybox\nFOO bar\n' | build
printf 'RUN x\n' | build
printf 'FROM\n' | build
printf 'FROM a b\n' | build
printf 'FROM busybox AS 1x\n' | build
printf 'FROM busybox AS a\nFROM busybox AS A\n' | build
printf 'FROM busybox\nCOPY one.txt\n' | build
printf 'FROM busybox\nCOPY\n' | build
printf 'FROM busybox\nCOPY nosuch /\n' | build
printf 'FROM busybox\nCOPY nosuch* /\n' | build
printf 'FROM busybox\nCOPY ../x /\n' | build
printf 'FROM busybox\nCOPY one.txt two.txt /x\n' | build
printf 'FROM busybox\nCOPY --from=busybox /nosuch /\n' | build
printf 'FROM busybox\nCOPY --from=0 /x /\n' | build
printf 'FROM busybox\nCOPY --from=5 /x /\n' | build
printf 'FROM busybox\nCOPY --chown=nosuch one.txt /\n' | build
printf 'FROM busybox\nCOPY --nosuch one.txt /\n' | build
printf 'FROM busybox\nCOPY --chmod=1 one.txt /\n' | build
printf 'FROM busybox\nRUN --mount=type=cache,target=/x true\n' | build
printf 'FROM busybox\nENV\n' | build
printf 'FROM busybox\nENV a\n' | build
printf 'FROM busybox\nENV a=b c\n' | build
printf 'FROM busybox\nENV =b\n' | build
printf 'FROM busybox\nLABEL a\n' | build
printf 'FROM busybox\nEXPOSE x\n' | build
printf 'FROM busybox\nSTOPSIGNAL NOPE\n' | build
printf 'FROM busybox\nSHELL sh\n' | build
printf 'FROM busybox\nHEALTHCHECK FOO\n' | build
printf 'FROM busybox\nHEALTHCHECK --interval=x CMD a\n' | build
printf 'FROM busybox\nHEALTHCHECK CMD\n' | build
printf 'FROM busybox\nONBUILD FROM x\n' | build
printf 'FROM busybox\nONBUILD ONBUILD RUN x\n' | build
printf 'FROM busybox\nUSER\n' | build
printf 'FROM busybox\nCMD [1]\n' | build
printf 'FROM busybox\nENV A=${B:?no b}\n' | build
printf 'FROM busybox\nENV A="x\n' | build
printf 'FROM ${NOPE}\n' | build
printf '' | build
printf '# nothing\n' | build
printf 'FROM busybox\n' | build -t UPPER
printf 'FROM busybox\n' | build -t a@sha256:aaaa
printf 'FROM busybox\n' | build -t two:1 -t two:2
api POST '/v1.41/build?labels=x' '' application/x-tar
api POST '/v1.41/build?buildargs=x' '' application/x-tar
api POST '/v1.41/build?ulimits=x' '' application/x-tar
api POST '/v1.41/build?t=UPPER' '' application/x-tar
api POST /v1.41/build/cancel
api POST '/v1.41/build/cancel?id=nosuch'
api POST /v1.41/build/prune
docker builder prune -f
docker images -f dangling=true -q | wc -l
docker image prune -f >/dev/null
docker rmi meta:1 child:1
printf 'FROM busybox\nCOPY sub /etc/passwd\n' | build
printf 'FROM busybox\nCOPY one.txt /etc/passwd/\n' | build
printf 'FROM busybox\nCOPY one.txt /etc/passwd/x\n' | build
docker rmi -f $(docker images --format '{{.Repository}}:{{.Tag}}' | grep -v -e '^busybox:' -e '<none>') >/dev/null
docker image prune -f >/dev/null
docker images -a --format '{{.Repository}}:{{.Tag}}'
