# docker build by BuildKit, which dockerd has inside as the docker CLI 20.10 has its client.
rm -rf $T/c && mkdir -p $T/c/sub/deep && cd $T/c && echo one >one.txt && echo two >two.txt && echo deep >sub/deep/f && chmod 640 two.txt && chmod 700 sub && ln -s one.txt link && ln -s ../one.txt sub/up && mkdir empty
cd $T/c && echo s >'a b' && echo u >'é ü' && cp one.txt suid && chmod 4755 suid && mkdir sticky && chmod 1777 sticky && cp one.txt owned && chown 5:6 owned && ln -s /nowhere/at/all gone && cp two.txt old && touch -d @981173106 old
# Files of the context.
printf 'FROM busybox\nCOPY . /all\nCOPY one.txt /\nCOPY one.txt two.txt /d/\nCOPY *.txt /e/\nCOPY sub /s1\nCOPY sub /s2/\n' | kit -t copy:1
files copy:1 /all
files copy:1 /one.txt /d /e /s1 /s2
run copy:1 stat -c '%%Y' /all/old
printf 'FROM busybox\nCOPY one.txt /new/name\nCOPY link /l\nCOPY link sub/up /links/\nCOPY sub/deep/f s[a-z]b/deep /g/\nCOPY ["a b", "é ü", "/w q/"]\nCOPY empty /made\nCOPY owned suid /h/\nCOPY sticky /sticky\nCOPY empty sticky /i/\n' | kit -t copy:2
files copy:2 /new /l /links /g '/w q' /made /h /sticky /i
printf 'FROM busybox\nWORKDIR /w\nCOPY one.txt .\nCOPY one.txt rel/two\nCOPY --chown=nobody:staff sub /owned/sub\nCOPY --chown=5 one.txt /five\nCOPY --chown=5:7 . /all\nCOPY --chown=daemon one.txt /x/y/z\nADD --chown=8:9 one.txt /eight/\n' | kit -t copy:3
files copy:3 /w /owned /five /all /x /eight
printf 'FROM busybox\nCOPY --chmod=0604 one.txt /\nCOPY --chmod=755 sub /s\nCOPY --chmod=600 --chown=1:2 one.txt two.txt /d/\nADD --chmod=4711 one.txt /set\n' | kit -t chmod:1
files chmod:1 /one.txt /s /d /set
printf 'FROM busybox\nRUN mkdir -p /real /dir && ln -s /real /to && ln -s /nowhere /dangling && ln -s ../real /dir/rel && echo f >/file && ln -s /file /tofile\nCOPY one.txt /to/\nCOPY sub /to/sub\nCOPY sub /dir/rel\nCOPY one.txt /dangling/x\nCOPY one.txt /dir\nCOPY two.txt /file\nCOPY one.txt /tofile\n' | kit -t links:1
files links:1 /real /to /nowhere /dangling /dir /file /tofile
printf 'FROM busybox\nRUN mkdir -m 711 /d && mkdir -m 750 /d/deep && chown 3:4 /d /d/deep && echo kept >/d/kept && mkdir /d/two\nCOPY sub /d\nCOPY . /d/two\n' | kit -t over:1
files over:1 /d
printf 'FROM busybox\nCOPY . .\nCOPY nosuch* one.txt /n/\nCOPY s?b /q/\nCOPY [ot]*.txt /c/\nCOPY */deep /deep/\nCOPY sub/../two.txt ./sub/deep/../deep/f /clean/\n' | kit -t wild:1
files wild:1 /n /q /c /deep /clean
printf 'FROM busybox\nCOPY /one.txt /abs/\nCOPY ../one.txt /out/\nCOPY sub/ /slash\nCOPY sub/. /dot\nCOPY ./ /here/\n' | kit -t outside:1
files outside:1 /abs /out /slash /dot /here
tar --mtime=@0 -C $T/c -czf $T/c/a.tar.gz one.txt sub && tar --mtime=@0 -C $T/c -cf $T/c/a.tar one.txt owned && tar --mtime=@0 -C $T/c -cJf $T/c/a.txz two.txt && tar --mtime=@0 -C $T/c -cjf $T/c/a.bz2 suid && cp $T/c/a.tar $T/c/odd.name && echo x | gzip -n >$T/c/plain.gz
printf 'FROM busybox\nADD a.tar.gz /u\nADD a.tar /u/2/\nADD a.txz odd.name a.bz2 /u/3/\nADD plain.gz /u/\nADD one.txt /u/\nCOPY a.tar /u/\nADD sub /u/sub2\nADD --chown=3:4 a.tar /u/owned/\nADD a.tar.gz /new/er/\n' | kit -t add:1
files add:1 /u /new | sed 's/\(\.tar\).*/\1/'
rm $T/c/a.* $T/c/odd.name $T/c/plain.gz
# Its words.
printf 'FROM busybox\nLABEL a=b "c d"="e f"\nENV A=1 B="two words" C=$A\nENV OLD the $A rest\nWORKDIR /work\nWORKDIR sub\nUSER 12:13\nEXPOSE 80 90/udp 100-102\nVOLUME /v /x\nVOLUME ["/y", "/z"]\nSTOPSIGNAL SIGINT\nHEALTHCHECK --interval=1m30s --timeout=2s --start-period=3s --retries=3 CMD true || false\nSHELL ["/bin/sh","-ec"]\nCMD echo $A\nENTRYPOINT ["sh","-c"]\nMAINTAINER somebody\nONBUILD RUN echo triggered\nONBUILD ENV T=1\n' | kit -t meta:1
config meta:1
files meta:1 /work
printf 'FROM meta:1\nRUN echo own $A; pwd; id -u\nHEALTHCHECK NONE\n' | kit -t child:1
config child:1
printf 'FROM busybox\nCMD ["x"]\nENTRYPOINT y\n' | kit -t order:1
config order:1
printf 'FROM busybox\nENTRYPOINT y\nCMD z $Q "a b"\n' | kit -t order:2
config order:2
printf 'FROM order:2\nENTRYPOINT ["q"]\nUSER nobody\nHEALTHCHECK CMD ["a", "b"]\nSHELL ["a"]\nCMD b\n' | kit -t order:3
config order:3
printf 'FROM order:3\nCMD []\nENTRYPOINT []\nUSER 0\nEXPOSE 7/tcp 7 8-9/udp\nSTOPSIGNAL 9\nENV A=1 A=2 PATH=/x\nLABEL l= m="" n=$A\n' | kit -t order:4
config order:4
printf 'FROM busybox\nENV A=1 B="x y" C='"'"'$A'"'"' D=\\$A E="\\"$A\\"" F=$A$A G=${A}b H=a\\ b\nRUN echo "$A|$B|$C|$D|$E|$F|$G|$H"\nLABEL l="$A" m='"'"'$A'"'"'\nEXPOSE ${A}00\nWORKDIR /$A/x\nUSER ${NOPE:-root}\nVOLUME /v$A\nSTOPSIGNAL ${A}\nONBUILD ENV Z=$A\nCMD echo $A\n' | kit -t quotes:1
config quotes:1
printf 'FROM busybox\nENV E="" F=${E:-empty} H=${E:+x} J=${NOPE} K=${NOPE:-q}\nRUN env | grep "^[E-K]=" | sort\n' | kit
printf 'FROM busybox\nWORKDIR a\nWORKDIR b/../c\nRUN pwd\nWORKDIR /x/./y//z/\nRUN pwd\nWORKDIR ..\nRUN pwd; echo $PWD $HOME\nWORKDIR "a b"\nRUN pwd\n' | kit -t workdir:1
config workdir:1
printf 'FROM busybox\nUSER nobody\nWORKDIR /made/by\nCOPY one.txt copied/\nRUN id -u; id -g; touch x; touch /tmp/mine; echo $HOME\nUSER 7:8\nWORKDIR /seven\nRUN id -u; id -g; echo $HOME\nUSER root\nRUN ls -dn /made /made/by /seven /tmp/mine /made/by/copied | cut -c1-45; echo $HOME\n' | kit
printf 'FROM busybox\nRUN ["echo","$HOME"]\nRUN ["sh","-c","echo a  b"]\nRUN [not json 2>/dev/null || echo shell\nSHELL ["sh","-xc"]\nRUN true\n' | kit
printf '# comment\n# escape=`\nFROM busybox\n' | kit
printf '# escape=`\nFROM busybox\nRUN echo a `\n# comment\n  b\nENV P="C:\\x" Q=a`$b\nRUN echo "$P $Q"\n' | kit
printf 'FROM busybox\nRUN echo a \\\n\n  && echo b \\\n  # not here\n  && echo c\n' | kit
printf 'from busybox as Lower\nrun echo lower\ncopy one.txt /\nenv a=b\nFrom lower\nRUN cat /one.txt\n' | kit
printf '\357\273\277FROM busybox\r\nRUN echo windows\r\nENV A=b\r\n' | kit -t crlf:1
config crlf:1
printf 'FROM busybox\nRUN printf "no end"; printf "\\ntabs\\tand  blanks \\n\\nlast"\n' | kit
printf 'FROM busybox\nRUN hostname | wc -c; cat /etc/hosts | grep -c localhost; ls -d /.dockerenv 2>/dev/null; cat /proc/1/comm; tty; umask; hostname\n' | kit
printf 'FROM busybox\nRUN cat /proc/self/status | grep -e Cap -e NoNew -e Seccomp: ; mount | grep -c "^proc"; touch /sys/x 2>&1 || true\n' | kit
# Arguments.
printf 'ARG T=latest\nARG U=$T-x\nFROM busybox:$T\nARG T\nARG U\nARG V\nARG W=w$T\nENV X=${V:-none} Y=${U:+set} Z=${NOPE:-d$U}\nRUN echo "[$T][$U][$V][$W][$X][$Y][$Z]"\nLABEL l=$W\n' | kit -t args:1 --build-arg V=given --build-arg UNUSED=1
config args:1
printf 'ARG T=latest\nARG U=$T-x\nFROM busybox:$T\nARG T\nARG U\nARG V\nARG W=w$T\nENV X=${V:-none} Y=${U:+set} Z=${NOPE:-d$U}\nRUN echo "[$T][$U][$V][$W][$X][$Y][$Z]"\nLABEL l=$W\n' | kit -t args:1 --build-arg V=other --build-arg T=latest --build-arg W=
printf 'FROM busybox\nARG A=1\nRUN echo first\nARG B\nRUN echo "$A $B"\nRUN echo "$A"\n' | kit
printf 'FROM busybox\nARG A=1\nRUN echo first\nARG B\nRUN echo "$A $B"\nRUN echo "$A"\n' | kit --build-arg B=2
printf 'FROM busybox\nARG A=1\nRUN echo first\nARG B\nRUN echo "$A $B"\nRUN echo "$A"\n' | kit --build-arg A=2
printf 'FROM busybox\nARG A=1\nENV A=env\nARG A=again\nRUN echo $A\nENV B=$A\n' | kit --build-arg A=given -t argenv:1
config argenv:1
printf 'FROM --platform=$BUILDPLATFORM busybox\nARG TARGETPLATFORM\nARG TARGETOS\nARG TARGETARCH\nARG TARGETVARIANT\nARG BUILDPLATFORM\nARG BUILDOS\nARG BUILDARCH\nARG BUILDVARIANT\nRUN echo "$TARGETPLATFORM|$TARGETOS|$TARGETARCH|$TARGETVARIANT|$BUILDPLATFORM|$BUILDOS|$BUILDARCH|$BUILDVARIANT"\n' | kit
printf 'FROM busybox\nRUN echo "[$TARGETARCH]"\nARG TARGETARCH=mine\nRUN echo "[$TARGETARCH]"\nARG TARGETOS\n' | kit --build-arg TARGETOS=plan9
printf 'ARG TARGETARCH=own\nFROM busybox\nARG TARGETARCH\nRUN echo "[$TARGETARCH]"\n' | kit
printf 'FROM busybox\nRUN echo "[$http_proxy][$HTTP_PROXY][$no_proxy]"\n' | kit --build-arg http_proxy=http://p:1 --build-arg NO_PROXY=x -t proxy:1
config proxy:1
printf 'FROM busybox\nRUN echo "[$http_proxy][$HTTP_PROXY][$no_proxy]"\n' | kit --build-arg http_proxy=http://other:1
printf 'FROM busybox\nARG FROMENV=d\nARG NOTHERE=e\nRUN echo "$FROMENV $NOTHERE"\n' | FROMENV=outer kit --build-arg FROMENV --build-arg NOTHERE
printf 'ARG A=a\nARG B=${A}b\nFROM busybox AS one\nARG B\nRUN echo "$A|$B"\nFROM one\nRUN echo "$A|$B"\nARG A\nRUN echo "$A|$B"\n' | kit
printf 'FROM busybox\nARG A=1 B=2 C\nRUN echo $A$B$C\n' | kit --build-arg C=3
# Stages.
printf 'FROM busybox AS one\nRUN mkdir -p /o/p && echo 1 >/o/f && echo 2 >/o/p/g && chown -R 3:4 /o/p && chmod 2750 /o/p && ln -s f /o/l && ln -s /o/p /o/m\nFROM scratch AS Two\nCOPY --from=one /o /\nFROM busybox\nCOPY --from=0 /o/f /f\nCOPY --from=two / /t\nCOPY --from=one /o/l /o/m /x/\nCOPY --from=one /o/* /y/\nCOPY --from=busybox:latest /etc/passwd /p\nCOPY --from=one --chown=1:1 /o/p /z\nCOPY --from=one o/p rel\nCOPY --from=one /o/m/g /through\nCOPY --from=one /o/m /linkdir\n' | kit -t multi:1
files multi:1 /f /t /x /y /p /z /rel /through /linkdir
printf 'FROM busybox AS one\nRUN echo 1\nFROM busybox AS two\nRUN echo 2\n' | kit --target one -t target:1
printf 'FROM busybox AS one\nRUN echo 1\nFROM busybox AS two\nRUN echo 2\n' | kit --target ONE
printf 'FROM busybox AS one\nRUN echo 1\nFROM busybox AS two\nRUN echo 2\n' | kit --target 0
printf 'FROM busybox AS one\nRUN echo 1\nFROM busybox AS two\nRUN echo 2\n' | kit --target three
printf 'FROM busybox AS unneeded\nRUN exit 1\nFROM busybox AS needed\nRUN echo n | tee /n\nFROM busybox\nCOPY --from=needed /n /\n' | kit
printf 'FROM busybox AS same\nRUN echo 1\nFROM busybox AS same\nRUN echo 2 >/f\nFROM same\nRUN cat /f\n' | kit
printf 'FROM scratch\nCOPY one.txt /\nLABEL x=y\n' | kit -t scratch:1
config scratch:1
docker export $(docker create scratch:1 x) | tar -t | grep -v -e .dockerenv -e dev -e etc -e proc -e sys
docker container prune -f >/dev/null
printf 'FROM scratch\n' | kit -t nothing:1
printf 'FROM scratch\nENV A=1\n' | kit -t nothing:2
config nothing:2
printf 'FROM busybox AS base\nONBUILD COPY one.txt /from\nONBUILD ENV Z=1\nONBUILD RUN cat /from; echo [$Z]\n' | kit -t onbuild:1
printf 'FROM onbuild:1\nRUN cat /from; echo $Z\n' | kit -t onbuilt:1
config onbuilt:1
printf 'FROM busybox AS base\nONBUILD RUN echo in the same file\nFROM base\nRUN echo after\n' | kit
# The cache.
printf 'FROM busybox\nRUN echo a\nCOPY one.txt /\nRUN echo b\nCOPY sub /s\nRUN echo c\n' | kit -t cache:1
printf 'FROM busybox\nRUN echo a\nCOPY one.txt /\nRUN echo b\nCOPY sub /s\nRUN echo c\n' | kit -t cache:1
echo changed >$T/c/sub/deep/f && printf 'FROM busybox\nRUN echo a\nCOPY one.txt /\nRUN echo b\nCOPY sub /s\nRUN echo c\n' | kit -t cache:1
touch $T/c/one.txt $T/c/sub/deep/f && printf 'FROM busybox\nRUN echo a\nCOPY one.txt /\nRUN echo b\nCOPY sub /s\nRUN echo c\n' | kit -t cache:1
chmod 600 $T/c/one.txt && printf 'FROM busybox\nRUN echo a\nCOPY one.txt /\nRUN echo b\nCOPY sub /s\nRUN echo c\n' | kit -t cache:1
touch $T/c/sub/deep/new && printf 'FROM busybox\nRUN echo a\nCOPY one.txt /\nRUN echo b\nCOPY sub /s\nRUN echo c\n' | kit -t cache:1
chown 9:9 $T/c/one.txt && printf 'FROM busybox\nRUN echo a\nCOPY one.txt /\nRUN echo b\nCOPY sub /s\nRUN echo c\n' | kit -t cache:1
rm $T/c/sub/deep/new && chown 0:0 $T/c/one.txt && chmod 644 $T/c/one.txt && printf 'FROM busybox\nRUN echo a\nCOPY one.txt /\nRUN echo b\nCOPY sub /s\nRUN echo c\n' | kit -t cache:1
printf 'FROM busybox\nRUN echo a\nLABEL z=1\nCOPY one.txt /\nCMD x\nRUN echo b\nCOPY sub /s\nRUN echo c\n' | kit -t cache:2
printf 'FROM busybox\nRUN echo a\nENV z=1\nCOPY one.txt /\nRUN echo b\n' | kit
printf 'FROM busybox\nRUN echo a\nUSER 1\nCOPY one.txt /\nRUN echo b\n' | kit
printf 'FROM busybox\nRUN   echo  a\nRUN echo b\n' | kit
printf 'FROM busybox\nRUN echo a\nRUN echo b\n' | kit --no-cache
printf 'FROM busybox\nRUN echo a\nRUN echo b\n' | kit
printf 'FROM busybox AS x\nRUN echo a\nFROM busybox\nCOPY --from=x /etc/passwd /p\nRUN echo last\n' | kit
printf 'FROM busybox AS x\nRUN echo other\nFROM busybox\nCOPY --from=x /etc/passwd /p\nRUN echo last\n' | kit
# Mounts of RUN.
printf 'FROM busybox AS other\nRUN mkdir /d && echo o >/d/f\nFROM busybox\nRUN --mount=target=/ctx cat /ctx/one.txt && ls /ctx | head -3; touch /ctx/x 2>&1 || true\nRUN --mount=type=bind,source=sub,target=/s,rw touch /s/new && ls /s\nRUN --mount=from=other,source=/d/f,dst=/one cat /one\nRUN --mount=type=bind,from=busybox,source=/etc,target=/e cat /e/passwd | head -1\nRUN true\n' | kit -t mounts:1
printf 'FROM busybox\nRUN --mount=type=cache,target=/k,id=mine echo 1 >>/k/f; stat -c "%%a %%u" /k\nRUN --mount=type=cache,target=/k,id=mine echo 2 >>/k/f; cat /k/f\nRUN --mount=type=cache,id=owned,target=/o,uid=5,gid=6,mode=0711 stat -c "%%a %%u:%%g" /o\nRUN ls /k /o 2>/dev/null || true\n' | kit
printf 'FROM busybox\nRUN --mount=type=tmpfs,target=/t touch /t/x && mount | grep -c " /t "\nRUN ls -d /t 2>/dev/null || true\n' | kit
echo hidden >$T/secret && printf 'FROM busybox\nRUN --mount=type=secret,id=s cat /run/secrets/s; stat -c "%%a %%u" /run/secrets/s\nRUN --mount=type=secret,id=s,target=/etc/x,mode=0444,uid=3 cat /etc/x; stat -c "%%a %%u" /etc/x\nRUN --mount=type=secret,id=absent true\nRUN ls /run /etc/x 2>/dev/null || true\n' | kit --secret id=s,src=$T/secret
printf 'FROM busybox\nRUN --mount=type=secret,id=absent,required true\n' | kit
printf 'FROM busybox\nRUN --mount=type=nosuch,target=/x true\n' | kit
printf 'FROM busybox\nRUN --mount=type=cache true\n' | kit
printf 'FROM busybox\nRUN --mount=from=nosuchstage:9,target=/x true\n' | kit 2>&1 | wc -l | sed 's/[1-9].*/told/'
# Options.
printf 'FROM busybox\nLABEL k=file only=file\n' | kit -t labelled:1 --label k=v --label 'x=c $HOME "q"' --label bare
config labelled:1
printf 'FROM busybox\nRUN cat /proc/self/limits | grep "open files"; grep extra /etc/hosts; ip link | grep -c eth || true\n' | kit --no-cache --add-host extra:1.2.3.4 --network none
printf 'FROM busybox\nRUN grep -c open /proc/self/limits; df -m /dev/shm | tail -1 | wc -l\n' | kit --no-cache --ulimit nofile=99:100 --shm-size 8m
printf 'FROM busybox\nRUN echo 1\n' | kit -q | wc -c
printf 'FROM busybox\nRUN echo told; exit 4\n' | kit -q 2>&1 | tail -1
printf 'FROM busybox\nRUN echo 1\n' | kit --iidfile $T/iid && wc -c <$T/iid
printf 'FROM busybox\nLABEL t=1\n' | kit -t two:1 -t two:2 && docker image inspect -f '{{len .RepoTags}}' two:1
printf 'FROM busybox AS m\nRUN mkdir -p /out/sub && echo 1 >/out/1 && chmod 4750 /out/1 && chown 3:4 /out/1 && ln -s 1 /out/link && ln /out/1 /out/hard && echo 2 >/out/sub/2 && mkdir -m 700 /out/empty\nFROM scratch\nCOPY --from=m /out /\n' | kit --output $T/out && cd $T/out && find . | sort | xargs stat -c '%%A %%u:%%g %%N'
printf 'FROM busybox AS m\nRUN mkdir -p /out/sub && echo 1 >/out/1 && chmod 4750 /out/1 && chown 3:4 /out/1 && ln -s 1 /out/link && echo 2 >/out/sub/2\nFROM scratch\nCOPY --from=m /out /\n' | kit --output type=tar,dest=$T/out.tar && tar -tvf $T/out.tar --numeric-owner | sed 's/ [0-9]*-[0-9-]* [0-9:]* / T /' | sort
printf 'FROM busybox\n' | kit --output type=nosuch
printf 'FROM busybox\nRUN echo x\n' | kit --platform linux/amd64
printf 'FROM busybox\nRUN ls / | tr "\\n" " "\n' | kit_only -
printf 'FROM busybox\nCOPY one.txt /\n' | kit_only -
printf 'FROM busybox\nCOPY one.txt /\nRUN cat /one.txt\n' >$T/outside.file && kit_only -f $T/outside.file $T/c
mkdir -p $T/c/in && mv $T/outside.file $T/c/in/Other && kit_only -f $T/c/in/Other $T/c
tar --mtime=@0 -C $T/c -c one.txt in | kit_only -f in/Other -
tar --mtime=@0 -C $T/c -cz . | kit_only -t piped:1 -f in/Other - && files piped:1 /one.txt
tar --mtime=@0 -C $T/c -c one.txt | kit_only -f nosuch -
kit_only -f $T/c/nosuch $T/c
kit_only $T/nosuch 2>&1 | sed 's/ prepare.*//'
rm -r $T/c/Dockerfile && printf 'FROM busybox\nRUN echo small\n' >$T/c/dockerfile && kit_only $T/c && rm $T/c/dockerfile
# What is ignored.
mkdir $T/i && cd $T/i && printf '# c\n*.log\n!keep.log\nnode\n**/tmp\n/abs\nq?x\n[ab]c\n  blank  \n!node/but\nd/**/z\nDockerfile\n.dockerignore\n' >.dockerignore && touch a.log keep.log b abs qax ac bc cc blank && mkdir -p node/deep d/tmp d/e/tmp d/abs sub/abs d/1/2 && touch node/x node/but node/deep/y d/tmp/y d/e/tmp/z d/e/f d/1/2/z d/1/2/y d/x.log
printf 'FROM busybox\nCOPY . /c\nRUN find /c | sort\n' | CTX=i kit
printf 'FROM busybox\nCOPY a.log /\n' | CTX=i kit
printf 'FROM busybox\nCOPY Dockerfile .dockerignore /\n' | CTX=i kit
printf 'FROM busybox\nADD node /n\nCOPY d/*.log /l/\n' | CTX=i kit
printf '*\n!b\n!d/e\n!sub\nsub/abs\n' >$T/i/.dockerignore && printf 'FROM busybox\nCOPY . /c\nRUN find /c | sort\n' | CTX=i kit
printf '**\n!d/**/y\n' >$T/i/.dockerignore && printf 'FROM busybox\nCOPY . /c\nRUN find /c | sort\n' | CTX=i kit
printf '*.log\n' >$T/i/.dockerignore && printf 'b\nd\n!*.log\n' >$T/i/Dockerfile.dockerignore && printf 'FROM busybox\nCOPY . /c\nRUN find /c | sort\n' | CTX=i kit
rm $T/i/Dockerfile.dockerignore && printf '[\n' >$T/i/.dockerignore && printf 'FROM busybox\nCOPY . /c\n' | CTX=i kit
printf '!\n' >$T/i/.dockerignore && printf 'FROM busybox\nCOPY . /c\n' | CTX=i kit
printf '.\n!b\n' >$T/i/.dockerignore && printf 'FROM busybox\nCOPY . /c\nRUN find /c | sort\n' | CTX=i kit
# What fails.
printf 'FROM busybox\nRUN echo before; exit 3\nRUN echo never\n' | kit
printf 'FROM busybox\nRUN ["nosuch","x"]\n' | kit 2>/dev/null
printf 'FROM busybox\nRUN kill -9 $$\n' | kit
printf 'FROM busybox\nUSER nosuch\nRUN true\n' | kit
printf 'FROM busybox\nFOO bar\n' | kit
printf 'RUN x\n' | kit
printf 'FROM\n' | kit
printf 'FROM a b\n' | kit
printf 'FROM busybox AS 1x\n' | kit
printf 'FROM busybox AS scratch\n' | kit
printf 'FROM busybox\nCOPY one.txt\n' | kit
printf 'FROM busybox\nCOPY\n' | kit
printf 'FROM busybox\nCOPY nosuch /\n' | kit
printf 'FROM busybox\nCOPY nosuch* /\n' | kit
printf 'FROM busybox\nCOPY nosuch one.txt /d/\n' | kit
printf 'FROM busybox\nCOPY one.txt two.txt /x\n' | kit
printf 'FROM busybox\nCOPY *.txt /x\n' | kit
printf 'FROM busybox\nCOPY one.txt /etc/passwd/\n' | kit
printf 'FROM busybox\nCOPY one.txt /etc/passwd/x\n' | kit
printf 'FROM busybox\nCOPY sub /etc/passwd\n' | kit
printf 'FROM busybox\nCOPY --from=busybox /nosuch /\n' | kit
printf 'FROM busybox\nCOPY --from=0 /x /\n' | kit
printf 'FROM busybox AS a\nFROM busybox\nCOPY --from=b /x /\nFROM busybox AS b\n' | kit 2>&1 | wc -l | sed 's/[1-9].*/told/'
printf 'FROM busybox\nCOPY --chown=nosuch one.txt /\n' | kit
printf 'FROM busybox\nCOPY --chmod=nosuch one.txt /\n' | kit
printf 'FROM busybox\nCOPY --chmod=99 one.txt /\n' | kit
printf 'FROM busybox\nCOPY --nosuch one.txt /\n' | kit
printf 'FROM busybox\nENV\n' | kit
printf 'FROM busybox\nENV a\n' | kit
printf 'FROM busybox\nENV a=b c\n' | kit
printf 'FROM busybox\nENV =b\n' | kit
printf 'FROM busybox\nLABEL a\n' | kit
printf 'FROM busybox\nEXPOSE x\n' | kit
printf 'FROM busybox\nSTOPSIGNAL NOPE\n' | kit
printf 'FROM busybox\nSHELL sh\n' | kit
printf 'FROM busybox\nHEALTHCHECK FOO\n' | kit
printf 'FROM busybox\nHEALTHCHECK --interval=x CMD a\n' | kit
printf 'FROM busybox\nHEALTHCHECK CMD\n' | kit
printf 'FROM busybox\nONBUILD FROM x\n' | kit
printf 'FROM busybox\nONBUILD ONBUILD RUN x\n' | kit
printf 'FROM busybox\nUSER\n' | kit
printf 'FROM busybox\nCMD [1]\n' | kit
printf 'FROM busybox\nENV A=${B:?no b}\n' | kit
printf 'FROM busybox\nENV A="x\n' | kit
printf 'FROM ${NOPE}\n' | kit
printf 'FROM busybox\nRUN --nosuch true\n' | kit
printf 'FROM busybox\nWORKDIR\n' | kit
printf 'FROM busybox\nVOLUME []\n' | kit
printf 'FROM busybox\nVOLUME ["", "/x"]\n' | kit
printf 'FROM busybox\nARG\n' | kit
printf 'FROM busybox\nARG =x\n' | kit
printf '' | kit
printf '# nothing\n' | kit
printf 'FROM busybox\n' | kit -t UPPER
printf 'FROM busybox\n' | kit -t a@sha256:aaaa
docker ps -aq | wc -l
docker rmi -f $(docker images --format '{{.Repository}}:{{.Tag}}' | grep -v -e '^busybox:' -e '<none>') >/dev/null
docker image prune -f >/dev/null
docker builder prune -af >/dev/null
docker images -a --format '{{.Repository}}:{{.Tag}}'
docker volume ls -q
rm -rf $T/c $T/i $T/iid $T/out $T/out.tar $T/outside.file $T/secret && mkdir $T/c
