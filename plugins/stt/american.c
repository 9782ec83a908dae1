/* Each family is a rule with the words it holds for, or the words it does not hold for;
 * a word is in lower-case ASCII here, or it has no rule. */
#include "stt/american.h"
#include "common/build.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST = 28 };

/* Are the n bytes at s one of a list of words between spaces? */
static bool is_in(const char *list, const char *s, size_t n)
{
	char key[LONGEST + 3];
	if (n == 0 || n > LONGEST)
		return false;
	key[0] = ' ';
	memcpy(key + 1, s, n);
	memcpy(key + 1 + n, " ", 2);
	return strstr(list, key) != NULL;
}

/* Writes the word with the n bytes at at replaced. */
static bool replace(char *w, size_t at, size_t n, const char *with)
{
	char out[LONGEST + 1];
	int len = snprintf(out, sizeof out, "%.*s%s%s", (int)at, w, with, w + at + n);
	if (len < 0 || (size_t)len >= sizeof out)
		return false;
	memcpy(w, out, (size_t)len + 1);
	return true;
}

static bool ends(const char *w, const char *end, size_t *stem)
{
	size_t n = strlen(w), k = strlen(end);
	if (k >= n || w[n - 1] != end[k - 1] || memcmp(w + n - k, end, k) != 0)
		return false;
	*stem = n - k;
	return true;
}

/* ---- single words ---- */

/* Sorted, for bisection. */
typedef struct {
	const char *from, *to;
} pair;
static const pair single[] = {
	{"acknowledgement", "acknowledgment"},
	{"acknowledgements", "acknowledgments"},
	{"aeroplane", "airplane"},
	{"aeroplanes", "airplanes"},
	{"afterwards", "afterward"},
	{"ageing", "aging"},
	{"aluminium", "aluminum"},
	{"amongst", "among"},
	{"analogue", "analog"},
	{"analogues", "analogs"},
	{"artefact", "artifact"},
	{"artefacts", "artifacts"},
	{"axe", "ax"},
	{"burnt", "burned"},
	{"callisthenics", "calisthenics"},
	{"carburettor", "carburetor"},
	{"catalogue", "catalog"},
	{"catalogued", "cataloged"},
	{"catalogues", "catalogs"},
	{"centrepiece", "centerpiece"},
	{"centrepieces", "centerpieces"},
	{"centring", "centering"},
	{"cheque", "check"},
	{"chequered", "checkered"},
	{"cheques", "checks"},
	{"connexion", "connection"},
	{"connexions", "connections"},
	{"cosier", "cozier"},
	{"cosily", "cozily"},
	{"cosiness", "coziness"},
	{"cosmetise", "cosmetize"},
	{"cosy", "cozy"},
	{"councillor", "councilor"},
	{"councillors", "councilors"},
	{"defence", "defense"},
	{"defenceless", "defenseless"},
	{"defences", "defenses"},
	{"dialogue", "dialog"},
	{"dialogues", "dialogs"},
	{"disc", "disk"},
	{"discs", "disks"},
	{"distil", "distill"},
	{"distils", "distills"},
	{"doughnut", "donut"},
	{"doughnuts", "donuts"},
	{"draught", "draft"},
	{"draughts", "drafts"},
	{"draughtsman", "draftsman"},
	{"draughtsmen", "draftsmen"},
	{"draughty", "drafty"},
	{"dreamt", "dreamed"},
	{"enrol", "enroll"},
	{"enrolment", "enrollment"},
	{"enrolments", "enrollments"},
	{"enrols", "enrolls"},
	{"epaulette", "epaulet"},
	{"epaulettes", "epaulets"},
	{"fibreglass", "fiberglass"},
	{"fulfil", "fulfill"},
	{"fulfilment", "fulfillment"},
	{"fulfils", "fulfills"},
	{"furore", "furor"},
	{"gaol", "jail"},
	{"gaols", "jails"},
	{"gramme", "gram"},
	{"grammes", "grams"},
	{"grey", "gray"},
	{"greyed", "grayed"},
	{"greyer", "grayer"},
	{"greying", "graying"},
	{"greyish", "grayish"},
	{"greyness", "grayness"},
	{"greys", "grays"},
	{"instal", "install"},
	{"instalment", "installment"},
	{"instalments", "installments"},
	{"instil", "instill"},
	{"instils", "instills"},
	{"jewellery", "jewelry"},
	{"judgement", "judgment"},
	{"judgements", "judgments"},
	{"kerb", "curb"},
	{"kerbs", "curbs"},
	{"kilogramme", "kilogram"},
	{"kilogrammes", "kilograms"},
	{"leant", "leaned"},
	{"learnt", "learned"},
	{"licence", "license"},
	{"licences", "licenses"},
	{"likeable", "likable"},
	{"liquorice", "licorice"},
	{"loveable", "lovable"},
	{"manoeuvrable", "maneuverable"},
	{"manoeuvre", "maneuver"},
	{"manoeuvred", "maneuvered"},
	{"manoeuvres", "maneuvers"},
	{"manoeuvring", "maneuvering"},
	{"marvellous", "marvelous"},
	{"marvellously", "marvelously"},
	{"milligramme", "milligram"},
	{"milligrammes", "milligrams"},
	{"misspelt", "misspelled"},
	{"mould", "mold"},
	{"moulded", "molded"},
	{"moulding", "molding"},
	{"moulds", "molds"},
	{"mouldy", "moldy"},
	{"moult", "molt"},
	{"moulting", "molting"},
	{"moustache", "mustache"},
	{"moustached", "mustached"},
	{"moustaches", "mustaches"},
	{"mum", "mom"},
	{"mummy", "mommy"},
	{"mums", "moms"},
	{"offence", "offense"},
	{"offences", "offenses"},
	{"omelette", "omelet"},
	{"omelettes", "omelets"},
	{"pedlar", "peddler"},
	{"pedlars", "peddlers"},
	{"phoney", "phony"},
	{"plough", "plow"},
	{"ploughed", "plowed"},
	{"ploughing", "plowing"},
	{"ploughs", "plows"},
	{"practise", "practice"},
	{"practised", "practiced"},
	{"practises", "practices"},
	{"practising", "practicing"},
	{"pretence", "pretense"},
	{"pretences", "pretenses"},
	{"programme", "program"},
	{"programmes", "programs"},
	{"pyjama", "pajama"},
	{"pyjamas", "pajamas"},
	{"remould", "remold"},
	{"sabre", "saber"},
	{"sabres", "sabers"},
	{"saleable", "salable"},
	{"sceptic", "skeptic"},
	{"sceptical", "skeptical"},
	{"sceptically", "skeptically"},
	{"scepticism", "skepticism"},
	{"sceptics", "skeptics"},
	{"sizeable", "sizable"},
	{"skilful", "skillful"},
	{"skilfully", "skillfully"},
	{"smoulder", "smolder"},
	{"smouldering", "smoldering"},
	{"snowplough", "snowplow"},
	{"snowploughs", "snowplows"},
	{"specialities", "specialties"},
	{"speciality", "specialty"},
	{"spelt", "spelled"},
	{"spoilt", "spoiled"},
	{"sulphate", "sulfate"},
	{"sulphates", "sulfates"},
	{"sulphide", "sulfide"},
	{"sulphur", "sulfur"},
	{"theatregoer", "theatergoer"},
	{"theatregoers", "theatergoers"},
	{"tonne", "ton"},
	{"tonnes", "tons"},
	{"towards", "toward"},
	{"tranquillity", "tranquility"},
	{"tyre", "tire"},
	{"tyres", "tires"},
	{"unshakeable", "unshakable"},
	{"vice", "vise"},
	{"whilst", "while"},
	{"wilful", "willful"},
	{"wilfully", "willfully"},
	{"woollen", "woolen"},
	{"woollens", "woolens"},
	{"woolly", "wooly"},
	{"worshipped", "worshiped"},
	{"worshipper", "worshiper"},
	{"worshipping", "worshiping"},
	{"yoghurt", "yogurt"},
	{"yoghurts", "yogurts"},
};

static int by_from(const void *key, const void *element)
{
	return strcmp(key, ((const pair *)element)->from);
}

static bool on_single(char *w)
{
	const pair *p = bsearch(w, single, sizeof single / sizeof single[0], sizeof single[0], by_from);
	return p != NULL && replace(w, 0, strlen(w), p->to);
}

/* ---- families ---- */

/* colour, behaviour, favourite, unhonoured */
static bool on_our(char *w)
{
	static const char stems[] =
		" arb arm behavi bel cand clam col demean discol dish dishon endeav enam fav disfav ferv "
		"flav harb hon hum lab belab mishum neighb od parl ranc rig rum sav savi splend succ tum "
		"val "
		"vap vig ard watercol unsav multicol technicol tricol clang misbehavi misdemean unfav ";
	for (const char *u = strstr(w, "our"); u != NULL; u = strstr(u + 1, "our")) {
		size_t stem = (size_t)(u - w);
		if (is_in(stems, w, stem) ||
			(stem > 2 && strncmp(w, "un", 2) == 0 && is_in(stems, w + 2, stem - 2)))
			return replace(w, stem, 3, "or");
	}
	return false;
}

/* organise, organisation; not advise, rise, surprise */
static bool on_ise(char *w)
{
	static const char *const tails[] = {"ise",     "ised",   "ises",    "ising",    "iser",
										"isers",   "isable", "isation", "isations", "isational",
										"isingly", "isably", "isement"};
	static const char kept[] =
		" advert adv ar chast compr comprom dem desp dev disgu enterpr exc exerc expert franch gu "
		"improv inc merchand no otherw po pra prec prem prom ra rev r sunr moonr superv surm surpr "
		"telev w unw likew clockw anticlockw treat conc parad turquo torto porpo mala mayonna bru "
		"cru "
		"appra repr appr circumc disfranch enfranch disenfranch underadv upr forec misadv unadv "
		"counterpoise counterpo equipo lenga counselw lengthw edgew streetw crossw contrar conc "
		"misgu antir foresw pr unpra dispra cerise cer chem val marqu fra bra ";
	size_t stem = 0;
	for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++)
		if (ends(w, tails[i], &stem) && stem > 2 && !is_in(kept, w, stem))
			return replace(w, stem + 1, 1, "z");
	return false;
}

static bool on_lyse(char *w)
{
	static const char *const tails[] = {"lyse", "lysed", "lysing", "lyser", "lysers"};
	size_t stem = 0;
	for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++)
		if (ends(w, tails[i], &stem))
			return replace(w, stem + 2, 1, "z");
	return false;
}

/* travelled, cancelling, modeller */
static bool on_double_l(char *w)
{
	static const char *const tails[] = {"led",  "ling",  "ler", "lers", "lings",
										"list", "lists", "lor", "lors"};
	static const char stems[] =
		" travel cancel label model level fuel refuel dial signal total counsel quarrel marvel "
		"jewel "
		"channel equal initial rival panel tunnel tinsel towel trowel shovel shrivel snivel swivel "
		"drivel duel funnel grovel kennel libel parcel pedal pencil petal ravel unravel revel "
		"spiral "
		"stencil yodel enamel chisel apparel bevel bedevil carol dishevel gambol hovel medal metal "
		"weasel remodel relabel outrival trammel pummel squirrel backpedal barrel cudgel devil "
		"empanel "
		"enthral gruel handsel imperil impanel laurel mislabel pommel ridel shovel sentinel "
		"victual "
		"bushel corral disembowel embowel cavil crystal crenel dowel tassel unequal untrammel "
		"axial "
		"marshal fun parall nickel flannel cancell vial untravel unlabel cruel gravel snorkel "
		"trial tranquil appal rival ";
	size_t stem = 0;
	for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++)
		if (ends(w, tails[i], &stem) && is_in(stems, w, stem))
			return replace(w, stem, 1, "");
	return false;
}

/* centre, theatres, kilometre */
static bool on_re(char *w)
{
	static const char stems[] = " cent epicent theat amphitheat fib calib lust lacklust meag somb "
								"spect scept och reconnoit "
								"louv goit saltpet mit nit tit accout ";
	static const char *const tails[] = {"re", "res", "red"};
	size_t stem = 0, at = 0;
	for (size_t i = 0; i < 3; i++) {
		if (!ends(w, tails[i], &stem) || stem < 2)
			continue;
		w[stem] = '\0'; /* the stem alone, for a moment */
		bool metric = ends(w, "met", &at) || ends(w, "lit", &at) || strcmp(w, "met") == 0 ||
					  strcmp(w, "lit") == 0;
		bool listed = is_in(stems, w, stem);
		w[stem] = 'r';
		if (listed || (metric && i < 2))
			return replace(w, stem, 2, i < 2 ? "er" : "ere");
	}
	return false;
}

/* anaemia, encyclopaedia, oestrogen, ploughman */
static bool on_piece(char *w)
{
	static const char *const table[][2] = {{"anaem", "anem"},
										   {"anaesth", "anesth"},
										   {"paedi", "pedi"},
										   {"paedo", "pedo"},
										   {"faec", "fec"},
										   {"gynaec", "gynec"},
										   {"haem", "hem"},
										   {"leukaem", "leukem"},
										   {"mediaev", "mediev"},
										   {"palaeo", "paleo"},
										   {"oestro", "estro"},
										   {"oesoph", "esoph"},
										   {"foet", "fet"},
										   {"rrhoea", "rrhea"},
										   {"homoeo", "homeo"},
										   {"aesthet", "esthet"},
										   {"archaeo", "archeo"},
										   {"caesar", "cesar"},
										   {"aeon", "eon"},
										   {"septicaem", "septicem"},
										   {"toxaem", "toxem"},
										   {"oedem", "edem"},
										   {"coeliac", "celiac"},
										   {"manoeuv", "maneuv"},
										   {"mould", "mold"},
										   {"moult", "molt"},
										   {"plough", "plow"},
										   {"gaol", "jail"},
										   {"tranquillis", "tranquiliz"},
										   {"tranquilliz", "tranquiliz"},
										   {"sulph", "sulf"},
										   {"syphon", "siphon"},
										   {"waggon", "wagon"}};
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		char *at = strstr(w, table[i][0]);
		if (at != NULL)
			return replace(w, (size_t)(at - w), strlen(table[i][0]), table[i][1]);
	}
	return false;
}

/* Most words cannot: every family needs one of these. */
static bool may_vary(const char *w)
{
	for (const char *s = w; *s != '\0'; s++)
		if ((s[0] == 'o' && (s[1] == 'u' || s[1] == 'e')) || s[0] == 'l' ||
			(s[0] == 'i' && s[1] == 's') || (s[0] == 'r' && s[1] == 'e') ||
			(s[0] == 'a' && s[1] == 'e'))
			return true;
	return false;
}

static bool by_rule(char *w)
{
	return on_single(w) || (may_vary(w) && (on_our(w) || on_re(w) || on_double_l(w) || on_lyse(w) ||
											on_piece(w) || on_ise(w)));
}

static void add_word(plg_build *b, plg_text word)
{
	char w[LONGEST + 1];
	bool plain = word.n > 2 && word.n <= LONGEST;
	for (size_t i = 0; plain && i < word.n; i++) {
		plain = word.cp[i] >= 'a' && word.cp[i] <= 'z';
		w[i] = (char)word.cp[i];
	}
	if (!plain) {
		plg_build_text(b, word);
		return;
	}
	w[word.n] = '\0';
	(void)by_rule(w);
	plg_build_ascii(b, w);
}

plg_text stt_american_rules(plg_arena *a, plg_text t, const stt_spelling *spelling)
{
	size_t n = 0;
	plg_text *words = plg_split(a, t, &n);
	plg_build b = plg_build_begin(a, t.n + 8);
	for (size_t i = 0; words != NULL && i < n; i++) {
		if (i > 0)
			plg_build_add(&b, ' ');
		add_word(&b, stt_spelling_of(spelling, words[i]));
	}
	return plg_build_end(&b);
}
