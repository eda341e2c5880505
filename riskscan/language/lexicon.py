"""Words that the network knows as names, beside those of `gazetteer`: more of each, and firms.

Written for this project from common knowledge; single words, lower case. Only the network reads
them, as features that it weighs against everything else. A word may be in several lists.
"""

from __future__ import annotations

_GIVEN_NAMES_TEXT = """
adele agnes aisha akira alec alejandra alfonso ali alina alistair alvaro amos anders andre anya
armando arun ashok astrid augusto barb bart bea beatriz benny bernadette bert bess bianca bjorn
blake blanca boris brady brandi bret brianna bryce burt callum camille candace carlton carmela
cassandra cecil celeste celia cesar chandra chen chet chloe christa christie cindi clarence clark
claude claudine claudio cleo clyde cody cole conrad constance cora cordelia cristina curt cyril
cyrus dalia damien damon dani danica dante daphne darin darius darnell deanna deb deirdre delia
della delores demetrius desmond dexter dianne dieter dinesh dirk dolly dominic dominick dominique
dora dorian dorothea dwayne dwight earnest ebony edna edwina eli elias elijah elisabeth elise
eliza elliot elliott ellis elmer elsa elvis emil emmanuel ernie esteban estelle esther ethel
eugenia eunice everett ezra fabian fabio farah fay faye fernanda fletcher flora florence forrest
fran francesca francesco francois frankie freda freddie frederic frieda fritz gabriel gabriela
gabrielle garrett garth gemma genevieve geraldine gerhard gerry gertrude gianni gilbert gilberto
giles ginny giorgio gladys glenda goran graciela grady greer gretchen guadalupe guillermo gunther
gustavo gwen gwendolyn hal hannah harlan harley hattie hazel heinz helga henri henrik herb herman
hilary hilda hiroshi homer horace hubert hugo humberto hussein ibrahim ida ignacio ilene imran ina
ines ira irina irma irving irwin isabella isaiah ismael jacques jaime jakob jamaal jamal jana
janelle janette janie janine jared jasmine jasper jeanette jeanine jeannie jed jeffry jenna jennie
jerald jeremiah jermaine jess jessie jillian jimmie jo joachim joanna joanne joaquin jocelyn jodi
jody joey johann johannes johnnie jolene jonah jonas joni jonny josefina josephine josie juana
juanita judd jude judi julianne julio julius jurgen justine kai kamal karan karim karina karsten
kasey katharine kathi kathie katrina kaye kayla keisha kellie kelvin kendall kendra kenny kerri
kiran kirsten klaus kris krishna krista kristi kristian kristina kristine kristy kumar kyra lacey
lakshmi lamar lana lara lars latoya laurel lauri lavonne leann leanne leigh leila lena lenny
lenora leona leonardo leroy lester leticia levi lew lidia lila lilly lily lina linus lionel
lisette logan lola loretta lorna lottie lou louie louisa luca lucille lucinda luigi lupe luther
luz lyle lynda lynette lynne mabel mack maddy madeleine madeline mae magdalena maggie magnus malik
mallory mandy manny manuel manuela marcel marcelo marci marcy margarita marge margie margo margot
marguerite mariana marianne maribel marina marisa marissa marla marlene marlon marnie marta
martina martine maryann marybeth mathew mathias matthias maud maude maura maurice mauricio mauro
mavis maxine maxwell maya mehmet mel melody merle mia michaela mick mickey mikael mikhail millie
milo mimi mindy minnie miriam mitchell mohammad mohan moira mona morris moses muhammad muriel
murray myra myron myrtle nadine nan nanette nasser natalia nate nathaniel ned neda nelly nettie
neville newton nguyen nicky nicola nicolas nikki nikolai nils nita nolan norbert norberto noreen
olaf oleg olive ollie orlando orville osama oswald otis paige paloma paola paolo parvez pascal
pasquale patrice patsy patti patty paulette paulo percy perry petra phillipa phoebe polly pradeep
prakash preston prudence quentin quincy rachael rafe rahul raimundo raja rajesh ralf ramesh ramiro
ramona rana raphael raquel rashid raymundo reba reggie reginald reid reinaldo rex reza rhoda
ritchie robbie robyn rocco rochelle rocky rodolfo rodrigo rogelio rolando rolf romeo ronda ronnie
rory rosalind rosanna rosanne rosario roscoe rosemarie roslyn roxanne royce rudolph rudy rufus
rupert russ rusty sabine saddam sadie sal salim salvador salvatore sammy sandeep sanford sanjeev
santiago santos satish saul scotty sebastian seema selena selma serena serge seth shana shane
shankar shari sharlene sharron shauna shawna shelby sheldon shelia shelly sheri sherman sherrie
sherwood shiv sibyl siegfried sigmund silvia simone skyler sonja sonny spencer stacie stefan
stefanie stefano stephan stephany stu suresh susana susanna susanne susie suzanna suzie sybil
sydney sylvester tabitha takashi talia tami tamika tammie tanisha tariq tasha tatiana teddy
terence teri terrance terrell terrence terri tess tessa thad thaddeus thea theo theodore therese
thierry thor thurman tia timmy tobias toby tod tomas tommie tonia tonya tori trent trey trina
trish trisha trudy truman tucker ty tyrone ulrich ulysses ursula uwe val valentina vance vaughn
velma venkat vicky vikram vilma viola virgil vito vladimir waldo wallace wally walt warner waylon
wes wilbert wilbur wilfred wilhelm willa wilma winifred winona wolfgang woody wyatt yasmin yasser
yoshi yuri yves yvette zachery zelda zoe
"""
_SURNAMES_TEXT = """
abbas acosta adams aguilar ahmed alexander ali allawi allen alvarado alvarez anderson andrews
arafat armstrong arnold ashcroft austin avila ayala bailey baker banerjee barnes barnett barrett
bates bauer beck becker bell bennett bernstein berry bertrand bishop blair bonnet bowman boyd
bradley bremer brewer brooks bruno bryant burke burns burton bush butler byrd caldwell campbell
campos carlson carpenter carr carrillo carroll carter castillo castro chambers chan chapman
chatterjee chavez chen cheney clark clinton cohen cole coleman collins colombo conner contreras
cook cooper cortez cox craig crawford cruz cunningham curtis daniels das davidson davis dean
delgado derrick desai diaz dixon dominguez douglas dubois duncan dunn durand edwards elliott ellis
espinoza esposito estrada evans feldman ferguson fernandez ferrari figueroa fischer fisher
fitzgerald fitzpatrick fleming flores ford foster fournier fowler fox franklin frazier freeman
friedman fuller garcia gardner garrett garza george gibson gilbert girard goldberg gomez gonzales
gonzalez gordon gore graham grant greco greenberg greene greenspan gregory griffin guerrero gupta
gutierrez guzman haines hall hamilton hansen hanson harper harris harrison hart harvey hawkins
hayes henderson henry hernandez herrera hess hicks hill hines hoffman holland holmes hopkins
horvat howard howell huber hudson hughes hunt hunter hussain hussein ito ivanov iyer jackson
jacobs jain james jenkins jennings jensen jimenez johnson johnston jones jordan joseph joshi
juarez kaplan katz keller kelley kelly kennedy kerry khan kim klein knight kobayashi koch kowalski
kramer krueger kumar lambert lane lang larson laurent lawrence lawson lee lefebvre leonard leroy
levine levy lewis lopez lowe lucas luna lynch lyons macdonald maier maldonado malik mann marino
marquez marshall martin martinez mason matthews mcbride mccarthy mcconnell mccoy mcdaniel mcdonald
mcgee mcintyre mckay mckenzie mckinney mclaughlin mcmahon medina mehta mejia mendez mendoza meyer
meyers miller mills miranda mitchell molina montgomery moore morales moreau moreno morgan morris
morrison mueller mukherjee muller munoz murphy murray myers nair nakamura navarro neal nelson
newman nguyen nichols nixon norris novak nowak nunez obama obrien oconnor odonnell oliver olson
oneill ortega ortiz owens padilla palmer parker patel patterson payne pearson pena perez perkins
perry peters peterson petrov phillips pierce popov porter powell powers putin ramirez ramos rao
ray reagan reddy reed reid reyes reynolds rhodes ricci rice richards richardson riley rios rivera
roberts robertson robinson rodriguez rogers rojas romano romero rose rosen ross rossi rubin ruiz
rumsfeld russell russo ryan saddam sadr salazar sanchez sanders sandoval santiago santos sato
schmidt schneider schroeder schultz schwartz scott shah shapiro sharma sharon shaw shelton silva
simmons simpson sims singer singh sistani smirnov smith snyder soto spencer spitzer stanley stein
stephens stevens stewart sullivan sutton suzuki tanaka taylor thomas thompson torres tran tucker
turner valdez vargas vasquez vega vogel wade wagner walker wallace walsh wang ward warren
washington watanabe watkins watson watts weaver webb weber weiss welch wells wheeler williams
williamson willis wilson wolfe wong wright yamamoto yang young zimmerman
"""
_PLACES_TEXT = """
abidjan abuja acapulco adelaide aden akron alhambra allentown alps alta amarillo amazon anaheim
andes andhra andorra angola annapolis antigua antwerp appalachia aqaba arabia arctic ardmore ariz
arlington artesia aruba asheville ashland aspen assam asuncion atlantic auburn augusta aurora
azores bahamas bali ballston banff barbados basel basle baton bavaria baylor bayonne bayou baytown
bc beaumont beaverton belgrade belize bellevue benin berkeley berkshire bermuda bhopal bhutan
bihar billings biloxi bismarck bloomington boca bogalusa bordeaux bosporus bradford brasilia
bratislava brazzaville bremen brentwood bridgeport brighton brisbane brittany brownsville brunei
burbank burgundy burlington burundi butte caen calabasas calais calexico calif calistoga camden
cancun cannes cardiff carmel carolina carolinas casablanca cascades casper catalonia catskills
cebu celina ceylon chandigarh chantilly charleston chattanooga chechnya chesapeake cheshire
cheyenne chiapas chico chihuahua clearwater clermont colo colombo compton conn conroe cordoba
corfu cornwall corsica corvallis covington crete crimea croydon cuzco dakar dakota dakotas dalian
danbury danville dartmouth davenport dayton daytona decatur denton derbyshire devon dhahran
djibouti doha dominica donetsk dortmund dover dresden dubrovnik dubuque duluth dundee durango
durban dusseldorf eastbourne eindhoven elbe elgin emeryville encino erie eritrea essen essex
eurasia evanston evansville everglades exeter fairbanks fairfax fairfield falklands fargo
fayetteville fiji fla flagstaff flanders fontana framingham freeport fremont fresno fujairah
fullerton gainesville galilee galveston ganges gatwick gdansk genoa georgetown ghent gibraltar
gilroy giza glendale goa golan greenland greensboro greenville greenwich grenada guadalajara guam
guangdong guangzhou guernsey guinea gujarat gurgaon guyana hague haifa hainan hampshire hampton
hanover harare harlem harlingen harrisburg hartford hattiesburg hayward heathrow hebron hermosillo
herndon hertfordshire hesse hialeah hillsboro himalayas hiroshima hoboken holland honshu houma
hove huntington huntsville hyderabad indies indochina indus ingleside innsbruck inverness ipswich
irvine islamabad ithaca izmir jacksonville jaipur jalisco jeddah jericho jersey jharkhand jiangsu
joliet jonesboro juarez jubail juneau kalamazoo kandy kanpur karbala karnataka kashmir kathmandu
katmandu katy kauai keene kenosha kerala kharkov khartoum khobar killeen kingston kingwood
kinshasa kirkuk kissimmee knoxville krakow kunming kurdistan kyiv kyoto kyrgyzstan lafayette
laguna lakewood lancashire lancaster lansing laredo larkspur lasalle latrobe lawton leipzig lenox
lesotho levant lexington leyden lhasa liechtenstein lille lisle lodi loire lombardy lompoc
longview lorain loveland lubbock lucknow luxor lynchburg macau macon madagascar madera madras
magdeburg maharashtra majorca malabo malawi maldives malibu malmo managua manama manassas mankato
mannheim mansfield maputo maracaibo marbella marrakech marseilles martinique maui mauritania
mauritius mcallen mckinney mecca medellin medford medina mediterranean menlo merced mesa
mesopotamia messina metairie mexicali mich michoacan middlesex midland midlands midwest milford
mindanao minn miramar mississauga missoula moab modesto mojave moline mombasa monrovia montclair
monterey monterrey montevideo montpelier montpellier morgantown muncie muscat mysore nablus
nacogdoches nagasaki nantucket napa naperville natchez natick navasota nazareth neb nev nevis
newbury newfoundland newport niagara nicosia noida norfolk normandy northampton northeast
northridge northumberland northwest norwalk norwich norwood novosibirsk nsw nyc oahu oakbrook
oaxaca ocala oceania odessa ogden ojai okinawa okla olympia ont orinda orissa orkney orleans
oshkosh ottumwa ouagadougou oxfordshire oxnard ozarks pacific palau palermo palmdale palmetto
pampa panhandle paramus parma parsippany pasadena passaic patagonia paterson pattaya penang penn
pensacola peoria peshawar petaluma pflugerville philly phuket piedmont pinehurst piraeus pittsburg
pittsfield placerville plano pleasanton plymouth pocatello polynesia pomona ponca pondicherry
portsmouth potomac poughkeepsie poznan pretoria provence provo prudhoe pueblo pune punjab
pyongyang pyrenees quantico queens queensland quito rabat racine raipur rajasthan rangoon ravenna
rawalpindi redding redlands redmond redondo reims reno reston reykjavik rhine rhineland rhodes
riverside roanoke rochester rockford rockies rockville rockwall roseville roswell rouen ruhr
rutland saginaw sahara saigon salem salerno salinas salisbury salzburg samarra samoa sarasota
sardinia sargodha sarnia sask saskatoon sausalito savoy saxony scarsdale schaumburg schenectady
scottsdale scranton secunderabad sedona seville sheffield shenandoah shetland shreveport
shropshire siberia sicily silesia sinai slough smyrna snowmass solano somerset sonoma sonora
southampton southeast southwest soweto spokane springfield srinagar stamford staten stockton
strasbourg stratford suez suffolk sumatra sunnyvale surat surinam suriname surrey sussex swansea
swaziland syracuse tacoma tahiti tahoe tallahassee tangier tappan tashkent tasmania tbilisi
tegucigalpa tehachapi telluride tempe tenerife tenn tex texarkana thames thane thessaloniki tibet
tigris tijuana timbuktu timor tobago togo tokelau toledo tonga topeka torrance toulouse
transylvania travancore trinidad trivandrum troy truro tucumcari tulane tuscaloosa tuscany tyre
ulster upland utica utrecht vail valdosta valencia valladolid vallejo valparaiso vanuatu varanasi
vegas venice ventura veracruz verona versailles vicksburg victorville vidalia vientiane
visakhapatnam visalia vladivostok volga waco waikiki warwick waterbury waterloo wausau waziristan
westchester westport wheaton wichita wilmington wiltshire windsor wis woburn woodbridge woodlands
worcester wroclaw wuhan wyo xinjiang yangon yangtze yellowstone yonkers york yorkshire yosemite
yucatan yukon yuma zagreb zanzibar zaragoza
"""
_FIRMS_TEXT = """
3m 49ers aarp abb abbott abn accenture acer aclu adidas adobe aep aes aetna afl-cio aflac afp
aggies aig airbus airtel akamai al-qaeda albertsons alcatel alcoa aldi alibaba allegheny allergan
allianz allstate altria ama amazon amazon.com amd amgen amtrak anadarko anthem aol aon apache api
apple applebee aquila arco arsenal astros asus at&t athletics audi avaya avis avista avon axa
azurix baath bae bankamerica bankboston barclays basf baxter bayer bbc bbva bechtel bellsouth
bengals berkshire bestbuy bhp bing bizrate blackberry blackrock blackstone blazers blockbuster
bloomberg bmw bnp boeing bombardier bosch botts bp bpa bracewell braun braves bridgestone bristol
britannica broadcom broncos bruins buccaneers buckeyes budweiser buick bunge burger cadbury
cadillac cadwalader caiso calpine calpx caltech canon capgemini cargill carrefour casio
caterpillar cbot cbs celtics centerpoint cera cftc chargers chase chelsea chevrolet chevron chevy
chipotle chrysler cia ciba cigna cinergy cingular cisco citgo citi citibank citicorp citigroup
cleary clifford clippers clorox cmg cms cnbc cnn coca coca-cola cocacola coke colgate colts
comcast compaq conagra coned conoco conocophillips continental coors corning covington cowboys cox
cps cpuc craigslist cravath crayola csfb csx ctc cubs cummins cvs cyrix daewoo daimler
daimlerchrysler danone debevoise deere dell deloitte denny deutsche devon dhl diamondbacks digg
disney dodgers dolphins dominion domino dominos dow dreyfus drudge duke dunkin dunlop dupont
duracell dwp dwr dynegy ebay ebs eds ees eia electrolux elpaso emi ena enbridge encana enel eni
enron entergy eol eott epa epmi epson equifax equiva ercot ericsson ernst espn esso estee everton
exelon expedia expos exxon exxonmobil facebook fannie fanniemae fatah fbi fcc fda fedex fema ferc
ferrari fiat fidelity fifa firefox firestone fitch flickr fluor footlocker forbes ford fox fpl
freddie frito ftc fujitsu fulbright gamespot gao garmin gators gazprom gchq ge geico genentech
genesys gibson gillette glaxo glaxosmithkline gm gmail goldman goodyear google gop greenpeace
greyhound guardian gucci guinness halliburton hamas hanesbrands harvard hasbro hbo heineken heinz
hershey hertz hewlett hezbollah hilton hitachi hizbollah hizbullah homedepot honda honeywell hpl
hsbc huawei hud hulu huskers hyatt hyundai iaea ibm idf ikea imf infosys ing ingersoll intel
interpol intuit invesco ioc iridium irs isda isuzu itt izvestia jaguar jaguars jcpenney jetblue
jets johnson jpmorgan juventus kaiser kellogg kfc kgb kia kinko kinkos kirkland kleenex kmart
knicks knopf koch kodak kohl kohls komatsu kpmg kraft kroger ladwp lakers lapd latham lazard
lehman lenovo lexis lexisnexis lexmark lg likud linkedin linklaters litton liverpool lockheed
longhorns loreal lowe lowes lucent lufthansa lukoil macy macys mapquest marathon mariners marlins
marriott mastercard mattel mavericks mayer mazda mcdonald mcdonalds mcgraw mcgraw-hill mci
mckinsey medtronic mercedes merck merrill metlife mets mgm michelin microsoft midamerican milbank
minolta mirant mit mitsubishi mlb mobil moody moodys morgan morrison mossad motorola mozilla msn
msnbc mtv naacp nabisco nafta naic nasa nascar nasdaq nato nba nbc ncaa nepool nerc nestle netflix
netscape newsday newsweek nfl ngx nhl nih nike nikon nintendo nissan nist noaa nokia nomura nortel
northrop novartis novell npr nra nrc nrg nsa nsf nvidia nyiso nymex nypa nypd nyse occidental oecd
officemax oge oneok onstar opec oracle oreo orioles ornl orrick osha oxfam oxy pacers pacificorp
packers padres paine panasonic patriots paypal pbs pdvsa peabody pemex penney penneys peoplesoft
pepco pepsi pepsico pfizer pg&e pge philips phillies phillips pillsbury pimco pizzahut pjm
playstation plo porsche ppl pravda pricewaterhousecoopers prudential pse pseg puc purina pwc qaeda
qualcomm qwest radioshack raiders ravens raytheon redskins reliant renault reuters revlon reynolds
ricoh roche rolls-royce rosneft ryanair saab safeco safeway salomon samsung sanofi sanyo sbc sce
schlumberger schwab scottrade sdg&e seahawks sears sec sega seminoles sempra shearman shell
shiseido sidley siemens simpson sinopec sixers skadden skype smud sodexo sonics sony sooners
spacex spp sprint ssa stanchart staples starbucks starwood statoil steelers subaru sullivan sunoco
suntrust suzuki symantec sysco taco taliban tata techcrunch telefonica tenaska texaco thomson
thyssen timewarner toshiba toyota tractebel transalta transamerica transcanada transco
transwestern travelers trojans trw tsa tva txu tyson ubs ubswarburg ucla uefa unesco unhcr unicef
unicredit unilever unisys unocal upi ups usair usc uscis usda usgs usmc usps valero vanguard
verizon vestas vevo viacom vinson virgin vivendi vodafone volkswagen volvo vw wachovia wal-mart
walgreen walgreens walmart warner weil wellpoint wells wendy wendys westin westinghouse
weyerhaeuser whirlpool wikipedia wilmer winston wipro wolverines woolworth worldcom wscc wspp wto
wwf xbox xcel xerox xinhua yahoo yahoo! yale yankees ymca youtube yukos ywca
"""
_NATIONALITIES_TEXT = """
afghan afghans african africans albanian albanians algerian algerians american americans angolan
angolans arab arabian arabians arabs argentine argentinian argentinians armenian armenians asian
asians assyrian assyrians australian australians austrian austrians azeri azeris bahraini
bahrainis balinese bangladeshi bangladeshis basque bavarian bavarians belarusian belarusians
belgian belgians bengali bengalis bolivian bolivians bosnian bosnians brazilian brazilians british
buddhist buddhists bulgarian bulgarians burmese californian californians cambodian cambodians
canadian canadians catalan catalans catholic caucasian caucasians chechen chechens chilean
chileans chinese christian christians colombian colombians congolese croat croatian croatians
croats cuban cubans cypriot cypriots czech dane danish democrat democrats dominican dominicans
dutch ecuadorian ecuadorians egyptian egyptians english estonian estonians ethiopian ethiopians
european europeans filipino finn finnish finns french frenchman frenchmans georgian georgians
german germans ghanaian ghanaians greek greeks guatemalan guatemalans haitian haitians hawaiian
hawaiians hindu hispanic honduran hondurans hungarian hungarians icelandic indian indians
indonesian indonesians iranian iranians iraqi iraqis irish islamic israeli israelis italian
italians jamaican jamaicans japanese jew jewish jordanian jordanians judeo kazakh kenyan kenyans
korean koreans kurd kurdish kurds kuwaiti kuwaitis laotian laotians latin latino latins latvian
latvians lebanese liberian liberians libyan libyans lithuanian lithuanians macedonian macedonians
malay malaysian malaysians maltese mexican mexicans mongolian mongolians mormon mormons moroccan
moroccans muslim nepalese nicaraguan nicaraguans nigerian nigerians norwegian norwegians pakistani
pakistanis palestinian palestinians panamanian panamanians pashtun pashtuns persian persians
peruvian peruvians polish portuguese protestant protestants prussian prussians punjabi punjabis
qatari qataris republican republicans romanian romanians russian russians rwandan rwandans saudi
saudis scandinavian scandinavians scot scots scottish senegalese serb serbian serbians serbs shia
shiite sikh singaporean singaporeans slav slavic slovak slovaks slovenian slovenians somali
somalis soviet soviets spaniard spaniards spanish sudanese sunni sunnis swede swedish swiss syrian
syrians taiwanese tamil tatar texan texans thai tibetan tibetans tunisian tunisians turk turkish
turks ugandan ugandans ukrainian ukrainians uzbek uzbeks venezuelan venezuelans vietnamese welsh
western westerns yemeni yemenis zionist zionists
"""
GIVEN_NAMES = frozenset(_GIVEN_NAMES_TEXT.split())
SURNAMES = frozenset(_SURNAMES_TEXT.split())
PLACES = frozenset(_PLACES_TEXT.split())
FIRMS = frozenset(_FIRMS_TEXT.split())
NATIONALITIES = frozenset(_NATIONALITIES_TEXT.split())
