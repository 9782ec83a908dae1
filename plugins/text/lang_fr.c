/* French and Italian. */
#include "text/lang.h"

const txt_language txt_lang_fr = {
	.code = "fr",
	.thesaurus = "th_fr_FR_v2",
	.stop =
		" le la les l un une des du de d au aux et ou mais si comme que qu qui quoi dont où quand "
		"pourquoi comment ce c cet cette ces il elle ils elles on nous vous je j tu me m te t se s "
		"lui leur leurs son sa ses mon ma mes notre nos votre vos est sont était étaient être été "
		"étant a ont avait avaient avoir eu fut furent sera seront peut peuvent doit doivent "
		"pouvait "
		"en y à dans sur sous par pour avec vers chez entre pendant depuis jusque jusqu parce car "
		"puisque donc alors ainsi aussi très plus tout toute tous toutes même autre autres environ "
		"lorsque lorsqu tandis afin n ne pas ni rien non jamais aucun aucune sans cela ceci là ici "
		"faire fait font faisait fit appelé appelée nommé dit bien encore déjà peu trop quelque "
		"quelques celui celle ceux celles grâce cause raison y avant après lors vers selon ",
	.negation = " pas jamais aucun aucune sans rien personne ni non guère ",
	.hedge =
		"pas sûr|pas certain|peut être|peut-être|je crois|je pense|je suppose|pourrait être|"
		"pourrait|difficile à dire|probablement|sans doute|ça dépend|cela dépend|il se peut|"
		"aucune idée|incertain|éventuellement|ne sais pas|ne sait pas|possiblement|il se pourrait",
	.refusal =
		"je ne peux pas|je suis désolé|désolé|en tant que modèle|je ne sais pas|impossible de "
		"répondre",
	.opposite =
		"augmente augmenter augmentent augmenté croît croître monte monter hausse accroît grandit "
		"accélère dilate renforce|diminue diminuer diminuent diminué baisse baisser réduit réduire "
		"décroît ralentit contracte affaiblit rétrécit;"
		"grand grande grands grandes gros grosse énorme|petit petite petits petites minuscule;"
		"plus|moins;chaud chaude chauds chaudes réchauffe|froid froide froids froides refroidit;"
		"haut haute hauts élevé élevée|bas basse faible;long longue longs|court courte courts bref;"
		"rapide rapides vite rapidement|lent lente lents lentement;fort forte forts "
		"fortement|faible "
		"faibles faiblement;lourd lourde lourds|léger légère légers;"
		"proche proches près|loin lointain éloigné;tôt|tard;vieux vieille ancien ancienne "
		"âgé|jeune "
		"nouveau nouvelle récent;"
		"toujours|parfois|jamais;tous toutes tout chaque|certains certaines quelques|aucun aucune;"
		"avant|après;dessus sur|dessous sous;nord|sud|ouest;gauche|droite;"
		"intérieur dedans|extérieur dehors;premier première|dernier dernière;gagne gagné gagna "
		"remporta victoire|perd perdu perdit défaite;"
		"commence commença début|finit termine termina fin;attire attirent|repousse repoussent;"
		"mâle homme père fils|femelle femme mère fille;été|hiver|printemps|automne;jour|nuit;matin|"
		"soir;solide|liquide|gazeux gaz;noir noire|blanc blanche|rouge|vert verte|bleu bleue|jaune;"
		"riche|pauvre;vivant vit|mort meurt;positif|négatif;vrai juste correct|faux incorrect;"
		"lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche;"
		"janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre;"
		"souvent fréquemment|rarement;permis autorisé|interdit défendu;importe|exporte;achète "
		"acheta|vend vendit;absorbe absorbent|émet libère rejette "
		"rejettent;oxygène|azote|hydrogène;"
		"majorité plupart|minorité;",
	.same =
		"commence débute;commença débuta;grand vaste immense énorme;rapide vite;environ à peu "
		"près quelque presque;important majeur essentiel principal;construit bâti édifié érigé;"
		"écrit rédigé;mourut décéda;mort décédé;se trouve situé situe;contient renferme comprend;"
		"utilise emploie;a besoin nécessite requiert;inventé conçu;",
	.agent = " par ",
	.auxiliary = " est sont fut furent été était étaient être ",
	.before = " avant ",
	.after = " après ",
	.causes = " cause causent provoque provoqua entraîne entraîna donc ",
	.because = " parce car puisque ",
	.than = " que qu ",
	.yes = " oui vrai exact effectivement certainement ",
	.no = " non faux pas ",
	.months = "janvier janv;février févr fév;mars;avril avr;mai;juin;juillet juil;août;septembre "
			  "sept;octobre oct;novembre nov;décembre déc",
	.number =
		"zéro=0 un=1 une=1 deux=2 trois=3 quatre=4 cinq=5 six=6 sept=7 huit=8 neuf=9 dix=10 "
		"onze=11 douze=12 treize=13 quatorze=14 quinze=15 seize=16 vingt=20 vingts=20 trente=30 "
		"quarante=40 cinquante=50 soixante=60 septante=70 huitante=80 octante=80 nonante=90 "
		"douzaine=12* cent=100* cents=100* mille=1e3* million=1e6* millions=1e6* milliard=1e9* "
		"milliards=1e9* moitié=0.5 demi=0.5 quart=0.25 tiers=0.33333333333333331* double=2 "
		"triple=3 quarts=0.25* ",
	.ordinal = "premier=1 première=1 deuxième=2 second=2 seconde=2 troisième=3 quatrième=4 "
			   "cinquième=5 sixième=6 septième=7 huitième=8 neuvième=9 dixième=10 ",
	.clause = " et tandis mais parce car donc quand où qui que lorsque puis ou ",
};

const txt_language txt_lang_it = {
	.code = "it",
	.thesaurus = "th_it_IT_v2",
	.stop =
		" il lo la i gli le l un uno una e ed o ma se come che chi cui quale quando dove perché di "
		"del dello della dei degli delle a al allo alla ai agli alle da dal dalla dai dalle in nel "
		"nella "
		"nei nelle nell dell all dall sull con su sul sulla sui sulle per tra fra è sono era erano "
		"essere stato stata stati state ha hanno aveva avevano avere fu furono può possono deve "
		"devono si ci ne lui lei loro "
		"suo sua suoi sue questo questa questi queste quello quella più molto molti anche così "
		"quindi "
		"allora mentre durante circa non né mai senza nessun nessuno nessuna niente ogni altro "
		"altra "
		"altri altre viene vengono venne vennero poiché siccome dunque fa fare fatto cosa prima "
		"dopo c ",
	.negation = " non mai senza nessun nessuno nessuna niente né nulla ",
	.hedge = "non sono sicuro|forse|probabilmente|credo|penso|suppongo|potrebbe|potrebbe essere|"
			 "difficile dire|dipende|non saprei|chissà|può darsi|magari|incerto|non so",
	.refusal = "non posso|mi dispiace|come modello|non lo so|non sono in grado",
	.opposite =
		"aumenta aumentano aumentò cresce crescono sale salgono dilata accelera|diminuisce "
		"diminuiscono diminuì cala scende scendono riduce contrae rallenta;"
		"grande grandi maggiore enorme|piccolo piccola piccoli piccole minore;più|meno;caldo calda "
		"caldi riscalda|freddo fredda freddi raffredda;alto alta alti|basso bassa bassi;lungo "
		"lunga|"
		"corto corta breve;veloce veloci rapido|lento lenta lenti;forte forti|debole deboli;"
		"pesante pesanti|leggero leggera leggeri;vicino vicina|lontano "
		"lontana;presto|tardi;vecchio "
		"vecchia antico antica|giovane nuovo nuova recente;sempre|talvolta|mai;tutti tutte tutto "
		"ogni|alcuni alcune|nessuno nessuna;prima|dopo;sopra|sotto;nord|sud|est|ovest;"
		"sinistra|destra;interno dentro|esterno fuori;primo prima|ultimo ultima;vinse vince vinto "
		"vittoria|perse perde perso sconfitta;inizia iniziò comincia inizio|finisce finì termina "
		"fine;attrae|respinge;maschio uomo padre figlio|femmina donna madre figlia;estate|inverno|"
		"primavera|autunno;giorno|notte;mattina|sera;solido|liquido|gassoso gas;nero nera|bianco "
		"bianca|rosso rossa|verde|blu "
		"azzurro|giallo;ricco|povero;vivo|morto;positivo|negativo;vero "
		"giusto|falso sbagliato;lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica;"
		"gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto|settembre|ottobre|novembre|"
		"dicembre;spesso|raramente;assorbe assorbono|emette rilascia libera;ossigeno|azoto|"
		"idrogeno;",
	.same = "inizia comincia;iniziò cominciò;grande enorme vasto;veloce rapido;circa quasi intorno "
			"approssimativamente;importante principale fondamentale essenziale;costruito edificato "
			"eretto;scrisse compose;scritto composto;morì;si trova situato situata;contiene "
			"comprende racchiude;usa utilizza impiega;",
	.agent = " da dal dalla dai dalle dall ",
	.auxiliary = " è sono fu furono stato stata viene vengono venne vennero ",
	.before = " prima ",
	.after = " dopo ",
	.causes = " causa causano provoca provocò quindi ",
	.because = " perché poiché siccome ",
	.than = " di che ",
	.yes = " sì si vero esatto certamente certo ",
	.no = " no falso non ",
	.months =
		"gennaio gen;febbraio feb;marzo mar;aprile apr;maggio mag;giugno giu;luglio lug;agosto "
		"ago;settembre set;ottobre ott;novembre nov;dicembre dic",
	.number =
		"zero=0 uno=1 due=2 tre=3 quattro=4 cinque=5 sei=6 sette=7 otto=8 nove=9 dieci=10 "
		"undici=11 dodici=12 tredici=13 quattordici=14 quindici=15 sedici=16 diciassette=17 "
		"diciotto=18 diciannove=19 venti=20 vent=20 trenta=30 trent=30 quaranta=40 quarant=40 "
		"cinquanta=50 cinquant=50 sessanta=60 sessant=60 settanta=70 settant=70 ottanta=80 "
		"ottant=80 novanta=90 novant=90 dozzina=12* cento=100* mille=1e3* mila=1e3* "
		"milione=1e6* milioni=1e6* miliardo=1e9* miliardi=1e9* metà=0.5 mezzo=0.5 doppio=2 "
		"triplo=3 quarto=0.25 terzi=0.33333333333333331* ",
	.ordinal = "primo=1 secondo=2 seconda=2 terzo=3 terza=3 quarta=4 quinto=5 quinta=5 sesto=6 "
			   "sesta=6 settimo=7 ottavo=8 nono=9 decimo=10 ",
	.clause = " e ed mentre ma perché quindi quando dove che poi o ",
};
