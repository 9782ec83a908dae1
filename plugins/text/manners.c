/* Written for this project. A word is here because polite answers hold it and no fact hangs
 * on it; what denies or weakens is in "untrue", and hedges are in language.h. */
#include "text/manners.h"

static const txt_manners english = {
	.polite =
		" sure certainly course absolutely definitely great good excellent interesting nice "
		"wonderful fantastic thoughtful question questions answer answers short long brief briefly "
		"summary summarise summarize nutshell quick simple simply put here found find looked "
		"explain explains explained explanation happy glad pleased pleasure help helps helped "
		"helpful hope hopes let know wonder wondering wondered curious tell ask asked asking feel "
		"free hesitate please thanks thank "
		"welcome detail details information info further additional else need needs want wanted "
		"like assist assistance problem worries doubt follow follows following below response "
		"reply request requested clarify clarification elaborate example examples again anytime "
		"hello hi dear yes ok okay well alright anything something useful reach contact unclear "
		"luck day version look see ",
	.offer = " hesitate problem worries doubt ask question questions know tell unclear ",
	.untrue =
		" false untrue lie lied myth wrong incorrect incorrectly falsely mistaken "
		"mistake erroneous fiction fictional fake joke joking nonsense rumour rumor "
		"opposite misconception deny denies denied disputed disproved refuted debunked "
		"hoax hypothetical alleged allegedly supposedly pretend imaginary kidding sarcasm reverse ",
	.source = " according as per following ",
	.that = " that ",
	.rival = " or alternatively otherwise ",
};

static const txt_manners german = {
	.polite =
		" ich mir ihnen dir gern gerne helfe natürlich sicher sicherlich selbstverständlich klar "
		"gute guter gut sehr "
		"interessante spannende frage fragen antwort antworten auskunft lautet folgt folgende "
		"folgendes kurz gesagt kurze knapp zusammengefasst zusammenfassung hier danke dank vielen "
		"hoffe hoffentlich hilft helfen hilfe geholfen bescheid sag sagen sagt melde melden meldet "
		"wissen weiß möchte möchten möchtest weitere weiteres weiter mehr noch bitte freue freut "
		"problem zweifel zögern gefragt fragst fragten erkläre erklären erklärung beispiel details "
		"informationen einzelheiten bedarf jederzeit grüße hallo ja also genau richtig richtige "
		"nützlich unklar falls wenn wünsche wünschen brauche brauchen brauchst gefunden ",
	.offer = " zögern problem zweifel fragen frage bescheid unklar falls ",
	.untrue =
		" falsch falsche unwahr lüge mythos irrtum irrig gelogen märchen gerücht "
		"gegenteil bestritten leugnen leugnet angeblich vermeintlich erfunden scherz witz unsinn "
		"quatsch widerlegt umgekehrt ",
	.source = " laut gemäß nach zufolge wie ",
	.that = " dass daß ",
	.rival = " oder beziehungsweise andernfalls ",
};

static const txt_manners french = {
	.polite =
		" bonne bon excellente excellent très question questions réponse réponses suivante suivant "
		"bien sûr certainement absolument volontiers plaisir voici voilà merci résumé bref "
		"brièvement court courte simplement espère aide aidera aider utile hésitez hésite demander "
		"demandé demandez dites dis savoir détails précisions informations besoin souhaitez voulez "
		"veux autre autres chose problème doute expliquer explication exemple bonjour oui ravi "
		"heureux heureuse clair ",
	.offer = " hésitez hésite problème doute questions question ",
	.untrue = " faux fausse erroné erronée mensonge mythe inexact incorrect incorrecte "
			  "rumeur nie niez prétendu prétendument fiction fictif plaisanterie blague "
			  "démenti réfuté inverse absurde ",
	.source = " selon après comme suivant ",
	.that = " que qu ",
	.rival = " ou sinon ",
};

static const txt_manners spanish = {
	.polite =
		" buena buen excelente gran interesante pregunta preguntas respuesta respuestas siguiente "
		"claro supuesto seguro gusto encantado aquí tienes tiene gracias resumen breve brevemente "
		"corta corto simplemente espero ayude ayuda ayudar ayudarte sirva útil avísame avíseme "
		"dime dímelo dígame saber sabes detalles información más necesitas necesita quieres quiere "
		"deseas duda dudas dudes problema explicar explicación ejemplo hola sí algo bien "
		"preguntaste pregunta ",
	.offer = " duda dudas dudes problema preguntas pregunta ",
	.untrue = " falso falsa mentira mito erróneo errónea incorrecto incorrecta inexacto "
			  "rumor niega supuestamente presunto ficción ficticio broma desmentido refutado "
			  "inverso absurdo ",
	.source = " según como conforme ",
	.that = " que ",
	.rival = " o u ",
};

static const txt_manners italian = {
	.polite =
		" buona buon ottima ottimo bella interessante domanda domande risposta risposte seguente "
		"certo certamente volentieri ecco grazie riassunto sintesi breve brevemente semplicemente "
		"spero aiuti aiuto aiutarti utile stato fammi sapere dimmi chiedi chiedere pure dettagli "
		"informazioni bisogno altro altre vuoi desideri dubbio dubbi esitare problema spiegare "
		"spiegazione esempio ciao sì bene naturalmente piacere essere esserti esserle ",
	.offer = " dubbio dubbi esitare problema domande domanda ",
	.untrue = " falso falsa bugia mito errato errata sbagliato sbagliata inesatto nega "
			  "presunto finzione fittizio scherzo smentito confutato inverso assurdo diceria ",
	.source = " secondo come stando ",
	.that = " che ",
	.rival = " o oppure ",
};

static const txt_manners portuguese = {
	.polite =
		" boa bom excelente ótima ótimo interessante pergunta perguntas resposta respostas "
		"seguinte claro certamente prazer aqui está obrigado obrigada resumo breve brevemente "
		"simplesmente espero ajudado ajude ajuda ajudar útil avise diga dizer saber detalhes "
		"informações mais precisar precisa alguma coisa quiser deseja dúvida dúvidas hesite "
		"problema explicar explicação exemplo olá sim bem só ter disposição ",
	.offer = " dúvida dúvidas hesite problema perguntas pergunta ",
	.untrue =
		" falso falsa mentira mito errado errada incorreto incorreta inexato "
		"nega suposto supostamente ficção fictício brincadeira desmentido refutado inverso absurdo "
		"boato ",
	.source = " segundo conforme como ",
	.that = " que ",
	.rival = " ou ",
};

static const txt_manners russian = {
	.polite =
		" хороший отличный прекрасный интересный вопрос вопросы вопросов ответ ответы такой "
		"следующий конечно разумеется безусловно пожалуйста вот спасибо кратко коротко вкратце "
		"просто говоря надеюсь поможет помог помогло помочь помощь рад рада полезно спрашивайте "
		"спросите спросили обращайтесь скажите сообщите знать узнать подробности подробнее "
		"информация нужно хотите проблем сомнения сомнений объяснить объяснение пример "
		"здравствуйте "
		"привет да хорошо если что-то неясно что то ",
	.offer = " проблем сомнения сомнений вопросы вопросов неясно ",
	.untrue =
		" ложь ложно ложный неправда неверно неправильно миф ошибка ошибочно заблуждение слух "
		"наоборот отрицает отрицают якобы выдумка шутка чушь опровергнуто ",
	.source = " согласно по как ",
	.that = " что ",
	.rival = " или либо ",
};

static const txt_manners dutch = {
	.polite =
		" goede goed mooie leuke interessante uitstekende vraag vragen antwoord antwoorden volgt "
		"volgende natuurlijk zeker uiteraard graag hier dank bedankt kort samengevat samenvatting "
		"simpel gezegd hoop helpt helpen hulp geholpen nuttig laat weten weet zeg vraag gevraagd "
		"meer details informatie nodig hebt heeft wilt wil twijfel aarzel probleem uitleggen "
		"uitleg voorbeeld hallo ja verder ",
	.offer = " twijfel aarzel probleem vragen vraag ",
	.untrue = " onwaar fout foute onjuist leugen mythe misverstand gerucht tegendeel ontkent "
			  "vermeend zogenaamd verzonnen grap onzin weerlegd omgekeerd ",
	.source = " volgens zoals ",
	.that = " dat ",
	.rival = " of oftewel ",
};

static const txt_manners chinese = {
	.polite =
		" 好 问 题 当 然 可 以 答 案 如 下 是 很 乐 意 希 望 对 您 你 有 帮 助 请 告 诉 我 还 需 "
		"要 更 多 谢 感 随 时 提 解 释 简 单 来 说 总 之 果 回 复 这 个 给 供 为 ",
	.offer = " ",
	.untrue = " 假 谎 错 谬 ",
	.source = " 据 按 照 ",
	.that = "",
	.rival = " 或 ",
};

static const txt_manners japanese = {
	.polite =
		" 良 質 問 答 次 通 り 喜 ん で 説 明 し ま す 役 立 て ば 幸 い 何 か ご ざ 教 え く "
		"だ さ 他 聞 気 軽 は も ち ろ お 願 以 下 簡 単 言 う と ",
	.offer = " ",
	.untrue = " 嘘 偽 誤 違 ",
	.source = "",
	.that = "",
	.rival = "",
};

const txt_manners *txt_manners_of(txt_lang lang)
{
	static const txt_manners *const all[TXT_LANG_N] = {
		[TXT_EN] = &english, [TXT_DE] = &german,     [TXT_FR] = &french,  [TXT_ES] = &spanish,
		[TXT_IT] = &italian, [TXT_PT] = &portuguese, [TXT_RU] = &russian, [TXT_NL] = &dutch,
		[TXT_ZH] = &chinese, [TXT_JA] = &japanese,
	};
	return lang < TXT_LANG_N ? all[lang] : NULL;
}
