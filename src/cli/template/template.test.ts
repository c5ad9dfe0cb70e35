import assert from "node:assert/strict";
import { test } from "node:test";
import { parseJson } from "../engine/json.ts";
import { compileTemplate } from "./template.ts";

const data = {
  State: { Pid: 5, Name: "x" },
  List: ["a", "b"],
  Map: { b: 1, a: "q" },
  None: null,
  Labels: null,
  Id: "i",
  Empty: "",
};

/** Expected texts are Go's. */
const cases: [template: string, text: string][] = [
  ["{{.State.Pid}} {{json .State}}", '5 {"Pid":5,"Name":"x"}'],
  ["{{range $i, $v := .List}}{{if $i}}, {{end}}{{$i}}={{$v}}{{end}}", "0=a, 1=b"],
  ["{{range $k, $v := .Map}}{{$k}}{{$v}};{{end}}", "aq;b1;"],
  ["{{range .None}}x{{else}}none{{end}}", "none"],
  ["{{range .List}}{{if eq . `b`}}{{break}}{{end}}{{.}}{{end}}", "a"],
  ["{{.None}} {{.Labels}} {{.Map}} {{.List}}", "[] map[] map[a:q b:1] [a b]"],
  ['{{index .Map "a" | upper}} {{len .List}} {{join .List ","}} {{index .List 1}}', "Q 2 a,b b"],
  ['{{printf "%-5s|%5d|%q|%.2f|%v" .State.Name .State.Pid "x" 1.5 .List}}', 'x    |    5|"x"|1.50|[a b]'],
  ["{{with .State}}{{.Pid}}{{end}}{{with .Empty}}x{{else}}y{{end}}", "5y"],
  ["{{if and (eq .State.Pid 5) (not false)}}yes{{else}}no{{end}}", "yes"],
  ["{{if .Empty}}a{{else if .List}}b{{else}}c{{end}}", "b"],
  ["a  {{- /* gone */ -}}  b {{- 1 -}} c", "ab1c"],
  ["{{$x := 3}}{{$x}}{{$x = 4}}{{$x}}", "34"],
  [
    '{{title "hello world"}} {{split "a,b" ","}} {{lower "AB"}} {{pad "x" 1 2}}|{{truncate "abcdef" 3}}',
    "Hello World [a b] ab  x  |abc",
  ],
  ["{{println .State.Name 1 2}}", "x 1 2\n"],
  ["{{.ID}}", "i"],
  ['{{or .Empty "z"}} {{and .Id .State.Pid}}', "z 5"],
  ["{{lt 1 2}} {{ge .State.Pid 5}} {{ne 1 1}}", "true true false"],
];
for (const [template, text] of cases) test(template, () => assert.equal(compileTemplate(template)(data), text));

const errors: [template: string, message: string][] = [
  ["{{.Foo", "template: :1: unclosed action"],
  ["{{foo}}", 'template: :1: function "foo" not defined'],
  ["{{end}}", "template: :1: unexpected {{end}}"],
  ["{{range .List}}", "template: :1: unexpected EOF"],
  ["{{}}", "template: :1: missing value for command"],
  ["{{.Foo}}", 'template: :1:2: executing "" at <.Foo>: map has no entry for key "Foo"'],
  ["{{.State.Foo}}", 'template: :1:8: executing "" at <.State.Foo>: map has no entry for key "Foo"'],
];
for (const [template, message] of errors)
  test(`${template} is refused`, () => assert.throws(() => compileTemplate(template)(data), { message }));

test("nanoseconds keep their digits", () =>
  assert.equal(
    compileTemplate("{{.timeNano}} {{json .}}")(parseJson('{"timeNano":1893456000123456789}')),
    '1893456000123456789 {"timeNano":1893456000123456789}',
  ));
