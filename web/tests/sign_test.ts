import assert from "node:assert/strict";
import { test } from "node:test";
import { chanceOf } from "../listening/sign_test";
import { chanceWords, preferenceWords, type Round } from "../listening/verdict";

test("the chance of a result is that of coin tosses, both ways", () => {
  assert.equal(chanceOf(6, 0), 2 / 64);
  assert.equal(chanceOf(0, 6), 2 / 64);
  assert.equal(chanceOf(9, 1), 22 / 1024);
  assert.equal(chanceOf(2, 2), 1);
  assert.equal(chanceOf(0, 0), 1);
});

test("the verdict is told in words", () => {
  const round = (choice: Round["choice"]): Round => ({ first: "before", choice });
  const sure = Array.from({ length: 6 }, () => round("after"));
  assert.equal(preferenceWords(sure), "In 6 rounds you liked your mix better 6 times, and the song as it was never.");
  assert.ok(chanceWords(sure).startsWith("This is hardly chance: you really do prefer your mix."));
  const unsure = [round("before"), round("after"), round("none")];
  assert.ok(preferenceWords(unsure).endsWith("once, and the song as it was once. You found no difference once."));
  assert.ok(chanceWords(unsure).startsWith("This could be chance."));
  assert.ok(chanceWords([round("none")]).startsWith("You made no choice"));
});
