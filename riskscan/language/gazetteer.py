"""Words that tell what a name is: given names, places, parts of company names, kin of dates.

Written for this project from common knowledge; single words, lower case. They are features of
the network (which weighs them against everything else), never rules.
"""

from __future__ import annotations

_GIVEN = """
aaron abdul abigail adam adrian ahmed aileen alan albert alejandro alex alexander alexandra alexis
alfred alice alicia alison allan allen allison alma alvin amanda amber amelia amir amit amy ana
andrea andreas andrew andy angel angela angelo anil anita ann anna anne annette annie anthony
antonio april arjun arlene arnold art arthur ashley audrey barbara barry beatrice becky ben
benjamin bernard bernie beth betty beverly bill billy bob bobby bonnie brad bradley brandon brenda
brent brett brian bridget bruce bryan caitlin calvin cameron cara carl carla carlos carmen carol
caroline carolyn carrie casey catherine cathy cecilia chad charlene charles charlie charlotte
cheryl chris christian christina christine christopher chuck cindy claire clara claudia clayton
cliff clifford clint colin colleen connie corey courtney craig crystal curtis cynthia dale dan
dana daniel danielle danny daren darla darlene darrell darren darryl dave david dawn dean debbie
deborah debra denise dennis derek derrick diana diane dick diego dmitri dolores don donald donna
doris dorothy doug douglas drew duane dustin dylan earl ed eddie edgar edith eduardo edward edwin
eileen elaine elena eleanor eliot elizabeth ella ellen emily emma enrique eric erica erik erin
ernest ethan eugene eva evan evelyn fatima felicia felix fernando fiona frances francis francisco
frank franz fred frederick gail gary gavin gene geoff geoffrey george georgia gerald gerard
german gina giovanni glen glenn gloria gordon grace graham grant greg gregg gregory greta gus guy
hank hans harold harriet harry harvey hassan heather hector heidi helen helena henry herbert
holly howard hugh hunter ian igor inga ingrid irene iris isaac isabel ivan jack jackie jacob
jacqueline jake james jamie jan jane janet janice jason javier jay jean jeanne jeff jeffery
jeffrey jen jennifer jenny jeremy jerome jerry jesse jessica jesus jill jim jimmy joan joann joe
joel johan johanna john johnny jon jonathan jordan jorge jose joseph josh joshua joy joyce juan
judith judy julia julian julie june justin kara karen karin karl karla kate katherine kathleen
kathryn kathy katie katrin kay keith kelly ken kenneth kent kerry kevin kim kimberly kirk kristen
kristin kurt kyle lance larry laura lauren laurie lawrence leah lee leo leon leonard leslie lewis
liam lillian linda lindsay lisa liz lloyd lois lorenzo lori lorraine louis louise lucas lucia lucy
luis luke lydia lynn mackenzie malcolm marc marcia marco marcus margaret maria marian marie
marilyn mario marion marjorie mark marsha martha martin marty marvin mary matt matthew maureen max
megan mei melanie melinda melissa melvin mercedes meredith michael michel michele michelle miguel
mike mildred milton miranda mitch mohamed mohammed molly monica monique morgan nadia nancy naomi
natalie natasha nathan neal neil nelson nicholas nick nicole nigel nikhil nina noah nora norma
norman olga oliver olivia omar oscar otto owen pablo pam pamela pat patricia patrick paul paula
pauline pedro peggy penny pete peter phil philip phillip phyllis pierre priya rachel rafael raj
ralph ramon randall randy raul ravi ray raymond rebecca regina renata rene renee rhonda ricardo
rich richard rick ricky rita rob robert roberta roberto robin rod rodney roger roland roman ron
ronald rosa rosalie rose rosemary ross roy ruben russell ruth ryan sabrina sally sam samantha
samuel sandra sandy sanjay sara sarah scott sean sergei sergio shannon sharon shaun shawn sheila
shelley sherri sherry shirley sid sidney simon sofia sonia sophia sophie stacey stacy stan stanley
stella stephanie stephen steve steven stewart stuart sue sunil susan suzanne sven sylvia tamara
tammy tanya tara ted teresa terry thelma theresa thomas tiffany tim timothy tina todd tom tommy
toni tony tracey tracy travis trevor tricia troy tyler valerie vanessa vera vernon veronica vicki
vickie victor victoria vijay vince vincent virginia vivian wade walter wanda warren wayne wendell
wendy wesley whitney will willard william willie winston xavier yolanda yusuf yvonne zach zachary
"""
_PLACES = """
afghanistan albania algeria argentina armenia australia austria azerbaijan bahrain bangladesh
belarus belgium bolivia bosnia botswana brazil britain bulgaria burma cambodia cameroon canada chad
chile china colombia congo croatia cuba cyprus denmark ecuador egypt england estonia ethiopia
finland france gaza georgia germany ghana greece guatemala haiti honduras hungary iceland india
indonesia iran iraq ireland israel italy jamaica japan jordan kazakhstan kenya korea kosovo kuwait
laos latvia lebanon liberia libya lithuania luxembourg macedonia malaysia mali malta mexico
moldova monaco mongolia morocco mozambique myanmar namibia nepal netherlands nicaragua niger
nigeria norway oman pakistan palestine panama paraguay peru philippines poland portugal qatar
romania russia rwanda scotland senegal serbia singapore slovakia slovenia somalia spain sudan
sweden switzerland syria taiwan tanzania thailand tunisia turkey uganda ukraine uruguay usa
uzbekistan venezuela vietnam wales yemen yugoslavia zambia zimbabwe africa america americas asia
europe antarctica scandinavia balkans caribbean
alabama alaska arizona arkansas california colorado connecticut delaware florida hawaii idaho
illinois indiana iowa kansas kentucky louisiana maine maryland massachusetts michigan minnesota
mississippi missouri montana nebraska nevada ohio oklahoma oregon pennsylvania tennessee texas utah
vermont virginia washington wisconsin wyoming alberta manitoba ontario quebec saskatchewan
al ak az ar ca co ct de fl ga hi id il ia ks ky la md mi mn ms mo mt ne nv nh nj nm ny nc nd oh ok
pa ri sc sd tn tx ut vt va wa wv wi wy dc uk uae eu
aberdeen accra albany albuquerque algiers alexandria amman amsterdam anchorage ankara athens
atlanta auckland austin baghdad bakersfield baku baltimore bangalore bangkok barcelona basra
beijing beirut belfast berlin birmingham bogota boise bombay bonn boston boulder bristol
brooklyn brussels bucharest budapest buffalo cairo calcutta calgary cambridge canberra caracas
charlotte chennai chicago cincinnati cleveland cologne columbus copenhagen dallas damascus delhi
denver detroit dhaka dubai dublin durham edinburgh edmonton fallujah frankfurt geneva glasgow
grozny hamburg hanoi havana helsinki hollywood honolulu houston indianapolis istanbul jakarta
jerusalem johannesburg kabul kandahar karachi kiev kolkata lagos lahore lausanne leeds lima lisbon
liverpool london luanda lyon madrid manchester manhattan manila marseille melbourne memphis
miami milan milwaukee minneapolis minsk montgomery montreal moscow mosul mumbai munich nagoya
nairobi najaf naples nashville newark nottingham oakland omaha orlando osaka oslo ottawa oxford
palo paris perth philadelphia phoenix pittsburgh portland prague princeton raleigh ramallah
richmond riga rio riyadh rome rotterdam sacramento santiago sarajevo savannah seattle seoul
shanghai shenzhen sofia stockholm stuttgart sydney taipei tallinn tampa tehran tokyo toronto
trenton tripoli tucson tulsa tunis turin vancouver vienna vilnius warsaw wellington winnipeg
yokohama zurich
"""
_COMPANY = """
inc corp corporation company co llc llp lp ltd limited plc gmbh ag sa nv bv pty partners holdings
group bank bancorp trust fund funds capital securities insurance assurance university college
institute school hospital clinic association society foundation federation union council committee
commission agency department ministry bureau authority board office court congress senate
parliament church party army navy police museum library airlines airways railways motors
pharmaceuticals laboratories technologies systems software networks communications telecom media
press times post journal news broadcasting pictures entertainment energy gas oil petroleum pipeline
power electric utilities resources industries international associates consulting services
solutions shipping lines logistics foods stores restaurant hotel hotels inn center club
"""
GIVEN_NAMES = frozenset(_GIVEN.split())
PLACES = frozenset(_PLACES.split())
COMPANY_WORDS = frozenset(_COMPANY.split())
