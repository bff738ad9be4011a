// Runs the tests of what needs no browser: bundles them and imports the result.
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL("tests/all.ts", import.meta.url))],
  bundle: true,
  write: false,
  format: "esm",
  platform: "node",
});
await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
