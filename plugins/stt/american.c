/* Each family is a rule with the words it holds for, or the words it does not hold for;
 * a word is in lower-case ASCII here, or it has no rule. */
#include "stt/american.h"
#include "common/build.h"
#include <stdio.h>
#include <string.h>

enum { LONGEST = 28 };

/* Is the n bytes at s one of a list of words between spaces? */
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
	if (k >= n || strcmp(w + n - k, end) != 0)
		return false;
	*stem = n - k;
	return true;
}

/* ---- single words ---- */

static const char *const single[] = {
	"grey",
	"gray",
	"greys",
	"grays",
	"greyed",
	"grayed",
	"greyer",
	"grayer",
	"greying",
	"graying",
	"cheque",
	"check",
	"cheques",
	"checks",
	"tyre",
	"tire",
	"tyres",
	"tires",
	"plough",
	"plow",
	"ploughs",
	"plows",
	"ploughed",
	"plowed",
	"ploughing",
	"plowing",
	"kerb",
	"curb",
	"kerbs",
	"curbs",
	"gaol",
	"jail",
	"gaols",
	"jails",
	"pyjamas",
	"pajamas",
	"pyjama",
	"pajama",
	"programme",
	"program",
	"programmes",
	"programs",
	"aluminium",
	"aluminum",
	"moustache",
	"mustache",
	"moustaches",
	"mustaches",
	"moustached",
	"mustached",
	"sceptic",
	"skeptic",
	"sceptics",
	"skeptics",
	"sceptical",
	"skeptical",
	"sceptically",
	"skeptically",
	"scepticism",
	"skepticism",
	"jewellery",
	"jewelry",
	"aeroplane",
	"airplane",
	"aeroplanes",
	"airplanes",
	"mum",
	"mom",
	"mums",
	"moms",
	"mummy",
	"mommy",
	"judgement",
	"judgment",
	"judgements",
	"judgments",
	"acknowledgement",
	"acknowledgment",
	"acknowledgements",
	"acknowledgments",
	"ageing",
	"aging",
	"fulfil",
	"fulfill",
	"fulfils",
	"fulfills",
	"fulfilment",
	"fulfillment",
	"skilful",
	"skillful",
	"skilfully",
	"skillfully",
	"wilful",
	"willful",
	"wilfully",
	"willfully",
	"enrol",
	"enroll",
	"enrols",
	"enrolls",
	"enrolment",
	"enrollment",
	"enrolments",
	"enrollments",
	"instal",
	"install",
	"instalment",
	"installment",
	"instalments",
	"installments",
	"distil",
	"distill",
	"distils",
	"distills",
	"instil",
	"instill",
	"instils",
	"instills",
	"cosy",
	"cozy",
	"cosier",
	"cozier",
	"sulphur",
	"sulfur",
	"sulphate",
	"sulfate",
	"sulphates",
	"sulfates",
	"sulphide",
	"sulfide",
	"artefact",
	"artifact",
	"artefacts",
	"artifacts",
	"licence",
	"license",
	"licences",
	"licenses",
	"defence",
	"defense",
	"defences",
	"defenses",
	"defenceless",
	"defenseless",
	"offence",
	"offense",
	"offences",
	"offenses",
	"pretence",
	"pretense",
	"pretences",
	"pretenses",
	"practise",
	"practice",
	"practised",
	"practiced",
	"practises",
	"practices",
	"practising",
	"practicing",
	"catalogue",
	"catalog",
	"catalogues",
	"catalogs",
	"catalogued",
	"cataloged",
	"dialogue",
	"dialog",
	"dialogues",
	"dialogs",
	"analogue",
	"analog",
	"analogues",
	"analogs",
	"manoeuvre",
	"maneuver",
	"manoeuvres",
	"maneuvers",
	"manoeuvred",
	"maneuvered",
	"manoeuvring",
	"maneuvering",
	"manoeuvrable",
	"maneuverable",
	"woollen",
	"woolen",
	"woollens",
	"woolens",
	"marvellous",
	"marvelous",
	"marvellously",
	"marvelously",
	"centring",
	"centering",
	"mould",
	"mold",
	"moulds",
	"molds",
	"moulded",
	"molded",
	"moulding",
	"molding",
	"mouldy",
	"moldy",
	"moult",
	"molt",
	"moulting",
	"molting",
	"smoulder",
	"smolder",
	"smouldering",
	"smoldering",
	"draught",
	"draft",
	"draughts",
	"drafts",
	"draughty",
	"drafty",
	"yoghurt",
	"yogurt",
	"yoghurts",
	"yogurts",
	"omelette",
	"omelet",
	"omelettes",
	"omelets",
	"cosmetise",
	"cosmetize",
	"axe",
	"ax",
	"furore",
	"furor",
	"speciality",
	"specialty",
	"specialities",
	"specialties",
	"snowplough",
	"snowplow",
	"snowploughs",
	"snowplows",
	"liquorice",
	"licorice",
	"likeable",
	"likable",
	"sizeable",
	"sizable",
	"loveable",
	"lovable",
	"saleable",
	"salable",
	"unshakeable",
	"unshakable",
	"towards",
	"toward",
	"afterwards",
	"afterward",
	"whilst",
	"while",
	"amongst",
	"among",
	"learnt",
	"learned",
	"spelt",
	"spelled",
	"burnt",
	"burned",
	"dreamt",
	"dreamed",
	"leant",
	"leaned",
	"spoilt",
	"spoiled",
	"carburettor",
	"carburetor",
	"councillor",
	"councilor",
	"councillors",
	"councilors",
	"callisthenics",
	"calisthenics",
	"pedlar",
	"peddler",
	"pedlars",
	"peddlers",
	"phoney",
	"phony",
	"tranquillity",
	"tranquility",
	"vice",
	"vise",
	"chequered",
	"checkered",
	"sabre",
	"saber",
	"sabres",
	"sabers",
	"tonne",
	"ton",
	"tonnes",
	"tons",
	"disc",
	"disk",
	"discs",
	"disks",
	"doughnut",
	"donut",
	"doughnuts",
	"donuts",
};

static bool on_single(char *w)
{
	for (size_t i = 0; i < sizeof single / sizeof single[0]; i += 2)
		if (strcmp(w, single[i]) == 0)
			return replace(w, 0, strlen(w), single[i + 1]);
	return false;
}

/* ---- families ---- */

/* colour, behaviour, favourite, unhonoured */
static bool on_our(char *w)
{
	static const char stems[] =
		" arb arm behavi bel cand clam col demean discol dish dishon endeav enam fav disfav ferv "
		"flav harb hon hum lab belab mishum neighb od parl ranc rig rum sav savi splend succ tum "
		"val "
		"vap vig ard watercol unsav multicol techn tric misdemean unfav ";
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
	static const char *const tails[] = {"ise",   "ised",   "ises",    "ising",    "iser",
										"isers", "isable", "isation", "isations", "isational"};
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
	static const char *const tails[] = {"led", "ling", "ler", "lers", "lings"};
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
		"marshal fun parall nickel flannel cancell vial untravel unlabel ";
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
			return replace(w, stem, 2, "er");
	}
	return false;
}

/* anaemia, encyclopaedia, oestrogen */
static bool on_digraph(char *w)
{
	static const char *const table[][2] = {
		{"anaem", "anem"},     {"anaesth", "anesth"},     {"paedi", "pedi"},
		{"paedo", "pedo"},     {"faec", "fec"},           {"gynaec", "gynec"},
		{"haem", "hem"},       {"leukaem", "leukem"},     {"mediaev", "mediev"},
		{"palaeo", "paleo"},   {"oestro", "estro"},       {"oesoph", "esoph"},
		{"foet", "fet"},       {"rrhoea", "rrhea"},       {"homoeo", "homeo"},
		{"aesthet", "esthet"}, {"archaeo", "archeo"},     {"caesar", "cesar"},
		{"aeon", "eon"},       {"septicaem", "septicem"}, {"toxaem", "toxem"},
		{"oedem", "edem"},     {"coeliac", "celiac"},     {"manoeuv", "maneuv"}};
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		char *at = strstr(w, table[i][0]);
		if (at != NULL)
			return replace(w, (size_t)(at - w), strlen(table[i][0]), table[i][1]);
	}
	return false;
}

static bool by_rule(char *w)
{
	return on_single(w) || on_our(w) || on_re(w) || on_double_l(w) || on_lyse(w) || on_digraph(w) ||
		   on_ise(w);
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
