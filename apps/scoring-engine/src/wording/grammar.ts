import { fold, isContentWord } from '../text/words.js';

const list = (words: string): ReadonlySet<string> => new Set(words.split(/\s+/).filter((word) => word !== ''));

/** Verbs, qualities and adverbs that headlines put where a noun could stand; a list, because there is no tagger here. */
const notNouns = list(`
  abroad add adds affordable alone allow allows amateur amazing ancient annual arrive arrives ask asks bad beat beats best
  better big bigger biggest blue boost boosts breaks bring brings broke build builds built buy buys call celebrate celebrates
  change changes cheap choose chooses classic clean cold come cool create creates cut cuts cute daily dead deep discover
  discovers draws drop drops early easy eat eats end ends enjoy enjoys entire every explain explains extra fall falls famous
  fast favorite favourite feel feels fifth fill fills final find finds fix fixes fly forgotten fourth fresh free friendly fun
  giant good great green grew grow grows handmade happy hard help helps hidden high hit hits hold holds homemade honorary hot
  huge hundredth inside join joins large largest late launch launches lead leads learn learns leave leaves left lesser live
  lives local longer longest look looks lose loses lost love loves low map maps mark marks meet meets mini modern more move
  moves name names national natural nearby official old older oldest online open opens outdoors outside overnight own paint
  paints perfect photograph photographs pick picks plan plans plays popular post posts proud public pull pulls quiet quietly
  rare read reads real record records red replace replaces rescue rescues retired return returns reveal reveals ride rides
  rise rises run runs save saves second secret sell sells send sends set sets seventh share shares short show shows simple
  sing sings sit sits sixth slow small smaller smallest social special spend spends spot spots start starts stay stays stop
  stops strange surprise sweet swap swaps swapped take teach teaches tell tells tenth third thousandth tiny top trade trades
  traditional trend trends tries try turn turns twice unusual upstairs urban vintage viral visit visits wait waits warm wear
  wears weird white whole wild win wins wooden work works worldwide worst yellow young younger youngest`);

/** Nouns that stand without an article although they are singular. */
const massNouns = list(`
  astronomy bread breakfast cheese chess chocolate clay clutter coffee compost cocoa cotton dough fabric food fudge fun
  ginger glass gold honey ice ink jam jazz kimchi knitwear lace leather linen lunch marmalade lamplight mathematics milk moonlight moss
  mud music nature paper pasta patience pizza poetry porridge pottery rain ramen rhubarb rice salt sand sauerkraut
  science shade silence sleep snow soap soup sourdough sunlight sunshine tape tea thread timber toast traffic vinyl water
  weather wildlife wood wool yarn yoga`);

/** Where a story happens, or what it calls itself, is seldom what it is about. */
const settings = list(`
  afternoon area art autumn championship cities city club community contest country couple evening family festival group idea
  ideas kids man men morning neighbourhood parents park place project region room school shop shops spring street streets
  students summer town towns village villages weekend winter woman women world`);

const determiners = list('a an the its their his her our my your this that these those every each one two three some');
const openers = list('a an the its their his her our my your this that of in on at by for from with to as into and or');
/** Characters that the Latin subset of the print fonts has. */
const printable = /^[A-Za-zÀ-ÖØ-öø-ÿ][A-Za-z0-9À-ÖØ-öø-ÿ'-]{1,17}$/;

/** How a noun can stand in a slogan: `bare` without an article ("Rooted in Owls"), `modifier` before another noun. */
export type Form = 'bare' | 'modifier';

export const looksPlural = (folded: string): boolean => /[^siu]s$/.test(folded) && folded.length > 3;

export function formOf(folded: string): Form {
  return looksPlural(folded) || massNouns.has(folded) || /.{3}ing$/.test(folded) ? 'bare' : 'modifier';
}

/** One word of a title with its neighbours, folded. */
export interface WordInTitle {
  readonly word: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
  /** The title is written like a sentence, so a capital inside of it marks a name. */
  readonly sentenceCase: boolean;
}

/** Whether a word may belong to a noun phrase: printable, with a meaning, no verb or adverb that we know, and no name. */
export function mayDescribe({ word, before, after, sentenceCase }: WordInTitle): boolean {
  const folded = fold(word);
  if (!isContentWord(folded) || folded.length < 3 || !printable.test(word) || /'s$/.test(word)) return false;
  if (sentenceCase && before !== undefined && /^\p{Lu}/u.test(word)) return false;
  if (/ly$/.test(folded) && folded.length > 5) return false;
  // "elects a postmaster", "map the weather": what stands before an article and after no preposition is a verb.
  const verb = after !== undefined && determiners.has(after) && before !== undefined && !openers.has(before);
  return !verb && !notNouns.has(folded) && !/[^aeiou]ed$/.test(folded);
}

/** Who does it is said of many stories; what it is done with is said of one. */
export const isAgent = (folded: string): boolean =>
  /(ers|ists|ians|eurs|er)$/.test(folded) && folded.length > 5 && !massNouns.has(folded);

/** How much a word that may describe looks like the thing itself; undefined for qualities. */
export function headRank(folded: string): number | undefined {
  if (/(ous|ful|less|ical|able|ible|ish|ary|ive|iest)$/.test(folded) && folded.length > 5) return undefined;
  const settingPenalty = settings.has(folded) ? -0.5 : 0;
  const agentPenalty = isAgent(folded) ? -1 : 0;
  const gerundPenalty = /.{3}ing$/.test(folded) ? -1.6 : 0;
  return 1 + settingPenalty + agentPenalty + gerundPenalty + (formOf(folded) === 'bare' ? 0.9 : 0);
}
