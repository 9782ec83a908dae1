/* Spanish and Portuguese. */
#include "text/lang.h"

const txt_language txt_lang_es = {
	.code = "es",
	.thesaurus = "th_es_ES_v2",
	.stop =
		" el la los las lo un una unos unas y e o u pero si como que quien cual cuyo cuando donde "
		"porque por para de del a al en con sobre entre hasta desde durante es son era eran ser "
		"sido "
		"fue fueron está están estaba ha han había habían haber tiene tienen puede pueden podía "
		"debe "
		"deben se su sus le les él ella ellos ellas nos me te mi tu este esta estos estas ese esa "
		"eso esto aquel más muy mucho mucha muchos muchas también así entonces pues mientras "
		"aunque cada otro otra otros "
		"otras mismo misma unos alrededor aproximadamente ya hay no ni nunca sin ningún ninguno "
		"ninguna nada qué quién cómo dónde cuándo hace hacer hecho hizo llamado llamada debido "
		"tras antes después ante hacia según bajo ",
	.negation = " no nunca jamás sin ningún ninguno ninguna nada nadie ni tampoco ",
	.hedge = "no estoy seguro|quizá|quizás|tal vez|posiblemente|probablemente|creo que|pienso que|"
			 "supongo|podría|podría ser|puede ser|difícil decir|depende|no sé|ni idea|a lo mejor|"
			 "incierto|puede que|quién sabe|no está claro",
	.refusal = "no puedo|lo siento|como modelo|no lo sé|no sé la respuesta",
	.opposite =
		"aumenta aumentan aumentó crece crecen creció sube suben subió dilata acelera incrementa|"
		"disminuye disminuyen disminuyó baja bajan bajó reduce cae caen cayó contrae encoge "
		"desacelera frena;"
		"grande grandes gran mayor enorme|pequeño pequeña pequeños pequeñas "
		"menor;más|menos;caliente "
		"calientes cálido cálida calienta|frío fría fríos frías enfría;alto alta altos "
		"elevado|bajo "
		"baja bajos;largo larga|corto corta breve;rápido rápida rápidos rápidamente|lento lenta "
		"lentos lentamente;fuerte fuertes|débil débiles;pesado pesada|ligero ligera liviano;cerca "
		"cercano|lejos lejano;temprano|tarde;viejo vieja antiguo antigua|joven nuevo nueva "
		"reciente;siempre|veces|nunca jamás;todos todas todo cada|algunos algunas|ninguno ninguna "
		"ningún;antes|después tras;encima sobre arriba|debajo bajo abajo;norte|sur|este|"
		"oeste;izquierda|derecha;dentro interior|fuera exterior;primero primera primer|último "
		"última;ganó gana ganado venció victoria|perdió pierde perdido derrota;comienza comenzó "
		"empieza empezó inicio|termina terminó acaba acabó fin final;atrae|repele;macho hombre "
		"padre hijo|hembra mujer madre hija;verano|invierno|primavera|otoño;día|noche;mañana|tarde;"
		"sólido|líquido|gaseoso gas;negro negra|blanco blanca|rojo roja|verde|azul|amarillo "
		"amarilla;rico|pobre;vivo vive|muerto muere murió;positivo|negativo;verdadero correcto|"
		"falso incorrecto;lunes|martes|miércoles|jueves|viernes|sábado|domingo;"
		"enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre;"
		"frecuentemente menudo|raramente;permitido|prohibido;importa|exporta;compra compró|vende "
		"vendió;absorbe absorben|emite libera liberan expulsa;oxígeno|nitrógeno|hidrógeno;"
		"mayoría|minoría;",
	.same =
		"comienza empieza inicia;comenzó empezó inició;grande enorme inmenso vasto;rápido veloz;"
		"aproximadamente alrededor cerca unos casi;importante principal fundamental esencial;"
		"construido edificado levantado erigido;construyó edificó levantó;escribió redactó;"
		"escrito redactado;murió falleció;está situado ubicado encuentra;contiene incluye;usa "
		"utiliza emplea;necesita requiere precisa;",
	.agent = " por ",
	.auxiliary = " es son fue fueron sido era eran ser está están ",
	.before = " antes ",
	.after = " después tras ",
	.causes = " causa causan causó provoca provocó produce entonces ",
	.because = " porque debido ya ",
	.than = " que ",
	.yes = " sí si verdadero cierto correcto efectivamente claro ",
	.no = " no falso incorrecto ",
	.months = "enero ene;febrero feb;marzo mar;abril abr;mayo may;junio jun;julio jul;agosto ago;"
			  "septiembre setiembre sep;octubre oct;noviembre nov;diciembre dic",
	.number =
		"cero=0 uno=1 un=1 una=1 dos=2 tres=3 cuatro=4 cinco=5 seis=6 siete=7 ocho=8 nueve=9 "
		"diez=10 "
		"once=11 doce=12 trece=13 catorce=14 quince=15 dieciséis=16 diecisiete=17 dieciocho=18 "
		"diecinueve=19 veinte=20 veintiuno=21 veintiún=21 veintidós=22 veintitrés=23 "
		"veinticuatro=24 veinticinco=25 veintiséis=26 veintisiete=27 veintiocho=28 "
		"veintinueve=29 treinta=30 cuarenta=40 cincuenta=50 sesenta=60 setenta=70 ochenta=80 "
		"noventa=90 cien=100 ciento=100 doscientos=200 trescientos=300 cuatrocientos=400 "
		"quinientos=500 seiscientos=600 setecientos=700 ochocientos=800 novecientos=900 "
		"doscientas=200 trescientas=300 cuatrocientas=400 quinientas=500 docena=12* mil=1e3* "
		"millón=1e6* millones=1e6* mitad=0.5 medio=0.5 doble=2 triple=3 cuarto=0.25 "
		"tercios=0.33333333333333331* tercio=0.33333333333333331* ",
	.ordinal = "primero=1 primera=1 primer=1 segundo=2 segunda=2 tercero=3 tercera=3 tercer=3 "
			   "cuarta=4 quinto=5 quinta=5 sexto=6 séptimo=7 octavo=8 noveno=9 décimo=10 ",
	.clause = " y e mientras pero porque entonces cuando donde que luego o aunque ",
};

const txt_language txt_lang_pt = {
	.code = "pt",
	.thesaurus = "th_pt_PT_v2",
	.stop = " o a os as um uma uns umas e ou mas se como que quem qual cujo quando onde porque por "
			"para "
			"de do da dos das ao à aos às em no na nos nas num numa com sobre entre até desde "
			"durante é são era eram "
			"ser sido foi foram está estão estava há tem têm tinha tinham ter pode podem deve "
			"devem seu sua "
			"seus suas ele ela eles elas lhe este esta estes estas esse essa isso isto aquele mais "
			"muito muita "
			"muitos muitas também assim então pois enquanto embora cada outro outra outros outras "
			"mesmo cerca "
			"aproximadamente já não nem nunca sem nenhum nenhuma nada pelo pela pelos pelas faz "
			"fazer feito fez "
			"chamado chamada devido antes depois após ",
	.negation = " não nunca jamais sem nenhum nenhuma nada ninguém nem ",
	.hedge = "não tenho certeza|talvez|possivelmente|provavelmente|acho que|penso que|suponho|"
			 "poderia|pode ser|difícil dizer|depende|não sei|incerto|quem sabe|é possível que",
	.refusal = "não posso|desculpe|sinto muito|como modelo|não sei",
	.opposite =
		"aumenta aumentam aumentou cresce crescem sobe sobem subiu dilata acelera|diminui diminuem "
		"diminuiu baixa desce descem reduz cai caem caiu contrai desacelera;"
		"grande grandes maior enorme|pequeno pequena pequenos pequenas menor;mais|menos;quente "
		"quentes aquece|frio fria frios frias esfria arrefece;alto alta|baixo baixa;longo longa "
		"comprido|curto curta breve;rápido rápida rapidamente|lento lenta lentamente;forte fortes|"
		"fraco fraca fracos;pesado pesada|leve leves;perto próximo|longe distante;cedo|tarde;velho "
		"antigo antiga|jovem novo nova recente;sempre|vezes|nunca jamais;todos todas tudo cada|"
		"alguns algumas|nenhum nenhuma;antes|depois após;acima sobre|abaixo sob;norte|sul|"
		"leste|oeste;esquerda|direita;dentro interior|fora exterior;primeiro primeira|último "
		"última;ganhou ganha venceu vitória|perdeu perde derrota;começa começou início|termina "
		"terminou acaba fim;atrai|repele;macho homem pai filho|fêmea mulher mãe "
		"filha;verão|inverno|"
		"primavera|outono;dia|noite;manhã|tarde;sólido|líquido|gasoso gás;preto negro|branco "
		"branca|"
		"vermelho vermelha|verde|azul|amarelo;rico|pobre;vivo|morto;positivo|negativo;verdadeiro "
		"certo|falso errado;janeiro|fevereiro|março|abril|maio|junho|julho|agosto|setembro|outubro|"
		"novembro|dezembro;frequentemente|raramente;absorve absorvem|emite liberta libera;"
		"oxigénio oxigênio|azoto nitrogénio nitrogênio|hidrogénio hidrogênio;",
	.same = "começa inicia;começou iniciou;grande enorme vasto;rápido veloz;cerca aproximadamente "
			"quase;importante principal essencial;construído edificado erguido;escreveu redigiu;"
			"morreu faleceu;fica situa localiza;contém inclui;usa utiliza emprega;",
	.agent = " por pelo pela pelos pelas ",
	.auxiliary = " é são foi foram sido era eram ser está estão ",
	.before = " antes ",
	.after = " depois após ",
	.causes = " causa causam causou provoca provocou então ",
	.because = " porque devido pois ",
	.than = " que ",
	.yes = " sim verdadeiro certo correto ",
	.no = " não falso errado ",
	.months = "janeiro jan;fevereiro fev;março mar;abril abr;maio mai;junho jun;julho jul;agosto "
			  "ago;setembro set;outubro out;novembro nov;dezembro dez",
	.number =
		"zero=0 um=1 uma=1 dois=2 duas=2 três=3 quatro=4 cinco=5 seis=6 sete=7 oito=8 nove=9 "
		"dez=10 "
		"onze=11 doze=12 treze=13 catorze=14 quatorze=14 quinze=15 dezesseis=16 dezasseis=16 "
		"dezessete=17 dezassete=17 dezoito=18 dezenove=19 dezanove=19 vinte=20 trinta=30 "
		"quarenta=40 cinquenta=50 sessenta=60 setenta=70 oitenta=80 noventa=90 cem=100 cento=100 "
		"duzentos=200 trezentos=300 quatrocentos=400 quinhentos=500 seiscentos=600 "
		"setecentos=700 oitocentos=800 novecentos=900 dúzia=12* mil=1e3* milhão=1e6* "
		"milhões=1e6* bilhão=1e9* bilhões=1e9* metade=0.5 meio=0.5 dobro=2 triplo=3 quarto=0.25 ",
	.ordinal = "primeiro=1 primeira=1 segundo=2 segunda=2 terceiro=3 terceira=3 quarta=4 quinto=5 "
			   "sexto=6 sétimo=7 oitavo=8 nono=9 décimo=10 ",
	.clause = " e enquanto mas porque então quando onde que ou embora ",
};
