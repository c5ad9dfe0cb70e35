import { render } from "preact";
import { App } from "./app.tsx";
import { follow } from "./state/stream.ts";
import "./style/base.css";
import "./style/frame.css";
import "./style/parts.css";
import "./style/views.css";

const root = document.getElementById("page");
if (root) {
  follow();
  render(<App />, root);
}
