/** Container names: docker's rules, and names for those who were given none. */
import { invalid } from "../errors.ts";

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

/** @returns the name without its leading slash. Throws invalid. */
export function checkName(name: string): string {
  const bare = name.startsWith("/") ? name.slice(1) : name;
  if (!NAME.test(bare)) {
    throw invalid(`Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`);
  }
  return bare;
}

/**
 * A free name such as quiet_lovelace.
 * @param random gives numbers in [0, 1)
 */
export function inventName(taken: (name: string) => boolean, random: () => number = Math.random): string {
  const pick = (words: readonly string[]) => words[Math.floor(random() * words.length)] ?? "";
  for (let attempt = 0; ; attempt++) {
    // As docker does: after some collisions a digit makes room.
    const name = `${pick(ADJECTIVES)}_${pick(PEOPLE)}${attempt < 6 ? "" : Math.floor(random() * 10 ** (attempt - 5))}`;
    if (!taken(name)) return name;
  }
}

const ADJECTIVES = `airy amber apt balmy blithe bold brisk calm candid clear clever cosy crisp dapper deft eager early
  earnest fair fleet fond free fresh gentle glad golden grand green hale happy hardy hearty humble ideal jolly keen kind
  leafy light lively loyal lucid lush mellow merry mild mossy neat nimble noble open patient placid plucky polite proud
  quick quiet rapid ready rosy rustic serene sharp shiny silent silver simple sleek snug sober solid spry steady still
  stout sunny supple swift tender tidy trim true trusty vivid warm wary wise witty young zesty`.split(/\s+/);

const PEOPLE = `abel ada agnesi ampere anning archimedes aryabhata babbage banks bell bernoulli bohr boole bose brahe
  cantor carson cauchy celsius chandrasekhar church clarke cori cray curie darwin davy descartes dijkstra dirac einstein
  erdos euclid euler faraday fermat fermi feynman fibonacci fleming fourier franklin galileo galois gauss germain godel
  goodall goeppert hamilton hamming heisenberg herschel hertz hilbert hodgkin hooke hopper hubble huygens hypatia
  jacquard johnson joule kelvin kepler khwarizmi knuth kovalevskaya lagrange lamarr laplace leavitt leibniz linnaeus
  liskov lovelace maxwell mcclintock meitner mendel mendeleev mirzakhani napier newton noether ohm pascal pasteur
  payne perlman planck poincare ptolemy ramanujan riemann ritchie rubin rutherford sagan shannon somerville tesla
  thales thompson turing volta wallace watt wiener wilkes wozniak wu yalow zuse`.split(/\s+/);
