// Builds each page into one file, which is the same whoever builds it, wherever.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const PAGES = ["listening", "scores"];

const here = dirname(fileURLToPath(import.meta.url));
const common = { bundle: true, minify: true, write: false, charset: "utf8", target: "es2022", logLevel: "warning" };

/** An import of "worklet:FILE" gives the bundled code of that file beside the importing one, as text. */
const worklets = {
  name: "worklets",
  setup(bundler) {
    bundler.onResolve({ filter: /^worklet:/ }, ({ path, resolveDir }) => ({ path: join(resolveDir, path.slice(8)), namespace: "worklet" }));
    bundler.onLoad({ filter: /./, namespace: "worklet" }, async ({ path }) => {
      const contents = await bundled(path, { format: "iife" });
      return { contents, loader: "text" };
    });
  },
};

async function bundled(file, options) {
  const { outputFiles } = await build({ ...common, entryPoints: [file], ...options });
  return outputFiles[0].text.trim();
}

/** What a Content-Security-Policy calls a script or style of exactly this text. */
function fingerprint(text) {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

function withoutIndents(html) {
  return html.replace(/^\s+/gm, "");
}

async function pageOf(name) {
  const sources = join(here, name);
  const script = (await bundled(join(sources, "main.ts"), { format: "iife", plugins: [worklets] })).replaceAll("</", "<\\/");
  const style = await bundled(join(sources, "style.css"), { loader: { ".css": "css" } });
  const parts = { STYLE: style, SCRIPT: script, STYLE_HASH: fingerprint(style), SCRIPT_HASH: fingerprint(script) };
  const html = withoutIndents(readFileSync(join(sources, "index.html"), "utf8"));
  return html.replace(/\{\{(\w+)\}\}/g, (_, name) => parts[name]);
}

for (const name of PAGES) {
  const built = join(here, "..", "hclarity", "report", "pages", `${name}.html`);
  const page = await pageOf(name);
  if (process.argv.includes("--check")) {
    if (readFileSync(built, "utf8") !== page) throw new Error(`${name}.html is older than its sources: npm run build`);
  } else {
    mkdirSync(dirname(built), { recursive: true });
    writeFileSync(built, page);
  }
}
