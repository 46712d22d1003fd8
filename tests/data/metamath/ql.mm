$( A cut of ql.mm as of January 2021 (https://github.com/metamath/set.mm, CC0-1.0): some theorems with
   their proofs; what these name stands here as axioms. $)
$c ' ( ) ->1 ->2 ->3 1 = =< =<2 == C ^ term v wff |- $.
$v a b c d q u w x y $.
wva $f term a $.
wvb $f term b $.
wvc $f term c $.
wvd $f term d $.
wvq $f term q $.
wvu $f term u $.
wvw $f term w $.
wvx $f term x $.
wvy $f term y $.
$( If ` a ` and ` b ` are terms, ` a = b ` is a wff. $)
wb $a wff a = b $.
$( If ` a ` and ` b ` are terms, ` a =< b ` is a wff. $)
wle $a wff a =< b $.
$( If ` a ` and ` b ` are terms, ` a C b ` is a wff. $)
wc $a wff a C b $.
$( If ` a ` is a term, so is ` a ' ` . $)
wn $a term a ' $.
$( If ` a ` and ` b ` are terms, so is ` ( a == b ) ` . $)
tb $a term ( a == b ) $.
$( If ` a ` and ` b ` are terms, so is ` ( a v b ) ` . $)
wo $a term ( a v b ) $.
$( If ` a ` and ` b ` are terms, so is ` ( a ^ b ) ` . $)
wa $a term ( a ^ b ) $.
$( The logical true constant is a term. $)
wt $a term 1 $.
$( If ` a ` and ` b ` are terms, so is ` ( a =<2 b ) ` . $)
wle2 $a term ( a =<2 b ) $.
$( If ` a ` and ` b ` are terms, so is ` ( a ->1 b ) ` . $)
wi1 $a term ( a ->1 b ) $.
$( If ` a ` and ` b ` are terms, so is ` ( a ->2 b ) ` . $)
wi2 $a term ( a ->2 b ) $.
$( If ` a ` and ` b ` are terms, so is ` ( a ->3 b ) ` . $)
wi3 $a term ( a ->3 b ) $.
$( Axiom for ortholattices. $)
ax-a1 $a |- a = a ' ' $.
$( Axiom for ortholattices. $)
ax-a2 $a |- ( a v b ) = ( b v a ) $.
${
  ax-r1.e1 $e |- a = b $.
  $( Inference rule for ortholattices. $)
  ax-r1 $a |- b = a $.
$}
${
  ax-r2.e1 $e |- a = b $.
  ax-r2.e2 $e |- b = c $.
  $( Inference rule for ortholattices. $)
  ax-r2 $a |- a = c $.
$}
${
  ax-r4.e1 $e |- a = b $.
  $( Inference rule for ortholattices. $)
  ax-r4 $a |- a ' = b ' $.
$}
${
  ax-r5.e1 $e |- a = b $.
  $( Inference rule for ortholattices. $)
  ax-r5 $a |- ( a v c ) = ( b v c ) $.
$}
$( Define Dishkant conditional. $)
df-i2 $a |- ( a ->2 b ) = ( b v ( a ' ^ b ' ) ) $.
${
  cm.e1 $e |- a = b $.
  $( Commutative inference rule for ortholattices. $)
  cm $a |- b = a $.
$}
${
  tr.e1 $e |- a = b $.
  tr.e2 $e |- b = c $.
  $( Transitive inference rule for ortholattices. $)
  tr $a |- a = c $.
$}
${
  3tr1.e1 $e |- a = b $.
  3tr1.e2 $e |- c = a $.
  3tr1.e3 $e |- d = b $.
  $( Transitive inference useful for introducing definitions. $)
  3tr1 $a |- c = d $.
$}
${
  3tr2.e1 $e |- a = b $.
  3tr2.e2 $e |- a = c $.
  3tr2.e3 $e |- b = d $.
  $( Transitive inference useful for eliminating definitions. $)
  3tr2 $a |- c = d $.
$}
${
  3tr.e1 $e |- a = b $.
  3tr.e2 $e |- b = c $.
  3tr.e3 $e |- c = d $.
  $( Triple transitive inference. $)
  3tr $a |- a = d $.
$}
${
  con1.e1 $e |- a ' = b ' $.
  $( Contraposition inference. $)
  con1 $a |- a = b $.
$}
${
  con2.e1 $e |- a = b ' $.
  $( Contraposition inference. $)
  con2 $a |- a ' = b $.
$}
${
  con3.e1 $e |- a ' = b $.
  $( Contraposition inference. $)
  con3 $a |- a = b ' $.
$}
${
  lor.e1 $e |- a = b $.
  $( Inference introducing disjunct to left. $)
  lor $a |- ( c v a ) = ( c v b ) $.
$}
${
  2or.e1 $e |- a = b $.
  2or.e2 $e |- c = d $.
  $( Join both sides with disjunction. $)
  2or $a |- ( a v c ) = ( b v d ) $.
$}
$( Commutative law. $)
ancom $a |- ( a ^ b ) = ( b ^ a ) $.
${
  lan.e1 $e |- a = b $.
  $( Introduce conjunct on left. $)
  lan $a |- ( c ^ a ) = ( c ^ b ) $.
$}
${
  ran.e1 $e |- a = b $.
  $( Introduce conjunct on right. $)
  ran $a |- ( a ^ c ) = ( b ^ c ) $.
$}
${
  2an.e1 $e |- a = b $.
  2an.e2 $e |- c = d $.
  $( Conjoin both sides of hypotheses. $)
  2an $a |- ( a ^ c ) = ( b ^ d ) $.
$}
$( Swap disjuncts. $)
or4 $a |- ( ( a v b ) v ( c v d ) ) = ( ( a v c ) v ( b v d ) ) $.
$( Rearrange disjuncts. $)
or42 $p |- ( ( a v b ) v ( c v d ) ) = ( ( a v d ) v ( b v c ) ) $= ( wo ax-a2 lor or4 ax-r2 ) ABEZCDEZEJDCEZEADEBCEEKLJCDFGABDCHI $.
$( Disjunction expressed with conjunction. $)
oran $a |- ( a v b ) = ( a ' ^ b ' ) ' $.
$( Idempotent law. $)
oridm $a |- ( a v a ) = a $.
$( Idempotent law. $)
anidm $a |- ( a ^ a ) = a $.
${
  bi1.e1 $e |- a = b $.
  $( Identity inference. $)
  bi1 $a |- ( a == b ) = 1 $.
$}
$( Absorption law. $)
anabs $a |- ( a ^ ( a v b ) ) = a $.
${
  leoa.e1 $e |- ( a v c ) = b $.
  $( Relation between two methods of expressing "less than or equal to". $)
  leoa $p |- ( a ^ b ) = a $= ( wa wo ax-r1 lan anabs ax-r2 ) ABEAACFZEABKAKBDGHACIJ $.
$}
$( Define 'less than or equal to' analogue. $)
df-le $a |- ( a =<2 b ) = ( ( a v b ) == b ) $.
${
  df-c2.e1 $e |- a C b $.
  $( Define 'commutes'. See ~ df-c1 for the other direction. $)
  df-c2 $a |- a = ( ( a ^ b ) v ( a ^ b ' ) ) $.
$}
${
  letr.e1 $e |- a =< b $.
  letr.e2 $e |- b =< c $.
  $( Transitive law for l.e. $)
  letr $a |- a =< c $.
$}
${
  bltr.e1 $e |- a = b $.
  bltr.e2 $e |- b =< c $.
  $( Transitive inference. $)
  bltr $a |- a =< c $.
$}
${
  lbtr.e1 $e |- a =< b $.
  lbtr.e2 $e |- b = c $.
  $( Transitive inference. $)
  lbtr $a |- a =< c $.
$}
${
  le3tr1.e1 $e |- a =< b $.
  le3tr1.e2 $e |- c = a $.
  le3tr1.e3 $e |- d = b $.
  $( Transitive inference useful for introducing definitions. $)
  le3tr1 $a |- c =< d $.
$}
${
  bile.e1 $e |- a = b $.
  $( Biconditional to l.e. $)
  bile $a |- a =< b $.
$}
${
  lebi.e1 $e |- a =< b $.
  lebi.e2 $e |- b =< a $.
  $( L.e. to biconditional. $)
  lebi $a |- a = b $.
$}
$( Anything is l.e. 1. $)
le1 $a |- a =< 1 $.
$( Identity law for less-than-or-equal. $)
leid $a |- a =< a $.
${
  ler.e1 $e |- a =< b $.
  $( Add disjunct to right of l.e. $)
  ler $a |- a =< ( b v c ) $.
$}
${
  lel.e1 $e |- a =< b $.
  $( Add conjunct to left of l.e. $)
  lel $a |- ( a ^ c ) =< b $.
$}
${
  leror.e1 $e |- a =< b $.
  $( Add disjunct to right of both sides. $)
  leror $a |- ( a v c ) =< ( b v c ) $.
$}
$( L.e. absorption. $)
leo $a |- a =< ( a v b ) $.
$( L.e. absorption. $)
lea $a |- ( a ^ b ) =< a $.
${
  le2or.e1 $e |- a =< b $.
  le2or.e2 $e |- c =< d $.
  $( Disjunction of 2 l.e.'s. $)
  le2or $a |- ( a v c ) =< ( b v d ) $.
$}
${
  le2an.e1 $e |- a =< b $.
  le2an.e2 $e |- c =< d $.
  $( Conjunction of 2 l.e.'s. $)
  le2an $a |- ( a ^ c ) =< ( b ^ d ) $.
$}
${
  lel2or.e1 $e |- a =< b $.
  lel2or.e2 $e |- c =< b $.
  $( Disjunction of 2 l.e.'s. $)
  lel2or $a |- ( a v c ) =< b $.
$}
$( Half of distributive law. $)
ledio $p |- ( a v ( b ^ c ) ) =< ( ( a v b ) ^ ( a v c ) ) $= ( wa wo anidm ax-r1 leo le2an bltr ax-a2 lbtr le2or oridm ) ABCDZEABEZACEZD ZRERARORAAADZRSAAFGAPAQABHACHIJBPCQBBAEPBAHBAKLCCAEQCAHCAKLIMRNL $.
${
  lecom.e1 $e |- a =< b $.
  $( Comparable elements commute. Beran 84 2.3(iii) p. 40. $)
  lecom $a |- a C b $.
$}
${
  bctr.e1 $e |- a = b $.
  bctr.e2 $e |- b C c $.
  $( Transitive inference. $)
  bctr $a |- a C c $.
$}
${
  comcom2.e1 $e |- a C b $.
  $( Commutation equivalence. Kalmbach 83 p. 23. Does not use OML. $)
  comcom2 $a |- a C b ' $.
$}
$( Identity law for commutation. Does not use OML. $)
comid $a |- a C a $.
${
  wr3.e1 $e |- ( 1 == a ) = 1 $.
  $( Weak R3. $)
  wr3 $a |- a = 1 $.
$}
${
  wwbmp.e1 $e |- a = 1 $.
  wwbmp.e2 $e |- ( a == b ) = 1 $.
  $( Weak weak equivalential detachment (WBMP). $)
  wwbmp $a |- b = 1 $.
$}
${
  sklem.e1 $e |- a =< b $.
  $( Soundness lemma. $)
  sklem $a |- ( a ' v b ) = 1 $.
$}
${
  skr0.e1 $e |- a = 1 $.
  skr0.e2 $e |- ( a ' v b ) = 1 $.
  $( Soundness theorem for Kalmbach's quantum propositional logic axiom KR0. $)
  skr0 $a |- b = 1 $.
$}
${
  skmp3.e1 $e |- a = 1 $.
  skmp3.e2 $e |- ( a ->3 b ) = 1 $.
  $( Soundness proof for KMP3. $)
  skmp3 $a |- b = 1 $.
$}
${
  lei3.e1 $e |- a =< b $.
  $( L.e. to Kalmbach implication. $)
  lei3 $a |- ( a ->3 b ) = 1 $.
$}
$( Identity for Kalmbach implication. $)
i3id $a |- ( a ->3 a ) = 1 $.
${
  ri3.e1 $e |- a = b $.
  $( Introduce Kalmbach implication to the right. $)
  ri3 $a |- ( a ->3 c ) = ( b ->3 c ) $.
$}
${
  ud2lem0a.e1 $e |- a = b $.
  $( Introduce ` ->2 ` to the left. $)
  ud2lem0a $a |- ( c ->2 a ) = ( c ->2 b ) $.
$}
${
  ud2lem0b.e1 $e |- a = b $.
  $( Introduce ` ->2 ` to the right. $)
  ud2lem0b $a |- ( a ->2 c ) = ( b ->2 c ) $.
$}
$( Pavicic binary logic ax-a2 analog. $)
bina2 $p |- ( a ' ' ->3 a ) = 1 $= ( wi3 wn i3id ax-a1 ri3 bi1 wwbmp ) AABZACCZABZADIKAJAAEFGH $.
${
  wql2lem.e1 $e |- ( a ->2 b ) = 1 $.
  $( Classical implication inferred from Dishkant implication. $)
  wql2lem $p |- ( a ' v b ) = 1 $= ( wn wo wt le1 wa wi2 df-i2 ax-a2 3tr2 lea leror bltr lebi ) ADZBEZFRGFQB DZHZBEZRABIBTEFUAABJCBTKLTQBQSMNOP $.
$}
${
  k1-8a.e1 $e |- x ' = ( ( x ' ^ c ) v ( x ' ^ c ' ) ) $.
  k1-8a.e2 $e |- x =< c $.
  k1-8a.e3 $e |- y =< c ' $.
  $( First part of statement (8) in proof of Theorem 1 of Kalmbach, _Orthomodular Lattices_, p. 21. $)
  k1-8a $a |- x = ( ( x v y ) ^ c ) $.
$}
${
  wdf-le2.e1 $e |- ( a =<2 b ) = 1 $.
  $( Define 'less than or equal to' analogue for ` == ` analogue of ` = ` . $)
  wdf-le2 $p |- ( ( a v b ) == b ) = 1 $= ( wo tb wle2 wt df-le ax-r1 ax-r2 ) ABDBEZABFZGLKABHICJ $.
$}
${
  comcom.e1 $e |- a C b $.
  $( Commutation is symmetric. Kalmbach 83 p. 22. $)
  comcom $a |- b C a $.
$}
${
  comcom4.e1 $e |- a C b $.
  $( Commutation equivalence. Kalmbach 83 p. 23. $)
  comcom4 $a |- a ' C b ' $.
$}
${
  comd.e1 $e |- a C b $.
  $( Commutation dual. Kalmbach 83 p. 23. $)
  comd $p |- a = ( ( a v b ) ^ ( a v b ' ) ) $= ( wn wa wo comcom4 df-c2 con3 oran con2 2an ax-r1 ax-r2 ) AADZBDZEZOPDEZF ZDZABFZAPFZEZASOPABCGHITQDZRDZEZUCSUFQRJKUCUFUAUDUBUEABJAPJLMNN $.
$}
${
  comcom5.e1 $e |- a ' C b ' $.
  $( Commutation equivalence. Kalmbach 83 p. 23. $)
  comcom5 $a |- a C b $.
$}
${
  comcom6.e1 $e |- a ' C b $.
  $( Commutation equivalence. Kalmbach 83 p. 23. $)
  comcom6 $a |- a C b $.
$}
$( Commutation law. $)
comor1 $a |- ( a v b ) C a $.
$( Commutation law. $)
comor2 $p |- ( a v b ) C b $= ( wo ax-a2 comor1 bctr ) ABCBACBABDBAEF $.
$( Commutation theorem. $)
comi31 $a |- a C ( a ->3 b ) $.
$( Lemma 4 of Kalmbach p. 240. $)
lem4 $a |- ( a ->3 ( a ->3 b ) ) = ( a ' v b ) $.
$( Antecedent absorption. $)
i3abs3 $a |- ( ( a ->3 b ) ->3 ( ( a ->3 b ) ->3 a ) ) = ( ( a ->3 b ) ->3 a ) $.
${
  i33tr1.e1 $e |- ( a ->3 b ) = 1 $.
  i33tr1.e2 $e |- c = a $.
  i33tr1.e3 $e |- d = b $.
  $( Transitive inference useful for introducing definitions. $)
  i33tr1 $a |- ( c ->3 d ) = 1 $.
$}
$( Theorem for Kalmbach implication. $)
i3th8 $p |- ( ( a ->3 b ) ' ->3 ( ( a ->3 b ) ->3 a ) ) = 1 $= ( wi3 wn wo leo lem4 ax-r1 i3abs3 ax-r2 lbtr lei3 ) ABCZDZMACZNNAEZONAFPMOC ZOQPMAGHABIJKL $.
$( Lemma for unified disjunction. $)
ud2lem1 $a |- ( ( a ->2 b ) ->2 ( b ->2 a ) ) = ( a v ( a ' ^ b ' ) ) $.
$( Lemma for unified disjunction. $)
ud2lem2 $a |- ( ( a v ( a ' ^ b ' ) ) ->2 a ) = ( a v b ) $.
$( Lemma for unified disjunction. $)
ud2lem3 $a |- ( ( a ->2 b ) ->2 ( a v b ) ) = ( a v b ) $.
$( Unified disjunction for Dishkant implication. $)
ud2 $p |- ( a v b ) = ( ( a ->2 b ) ->2 ( ( ( a ->2 b ) ->2 ( b ->2 a ) ) ->2 a ) ) $= ( wi2 wo wn wa ud2lem1 ud2lem0b ud2lem2 ax-r2 ud2lem0a ud2lem3 ax-r1 ) ABCZ NBACCZACZCZABDZQNRCRPRNPAAEBEFDZACROSAABGHABIJKABLJM $.
$( Lemma for Sasaki implication study. $)
u1lemanb $a |- ( ( a ->1 b ) ^ b ' ) = ( a ' ^ b ' ) $.
${
  u3lemc2.e1 $e |- a C b $.
  u3lemc2.e2 $e |- a C c $.
  $( Commutation theorem for Kalmbach implication. $)
  u3lemc2 $a |- a C ( b ->3 c ) $.
$}
${
  u3lemc4.e1 $e |- a C b $.
  $( Lemma for Kalmbach implication study. $)
  u3lemc4 $a |- ( a ->3 b ) = ( a ' v b ) $.
$}
$( Lemma for unified implication study. $)
u3lem1n $a |- ( ( a ->3 b ) ->3 a ) ' = ( ( a ' ^ b ) v ( a ' ^ b ' ) ) $.
$( Lemma for unified implication study. $)
u3lem2 $p |- ( ( ( a ->3 b ) ->3 a ) ->3 a ) = ( a v ( ( a ' ^ b ) v ( a ' ^ b ' ) ) ) $= ( wi3 wn wo comi31 comid u3lemc2 comcom u3lemc4 u3lem1n ax-r5 ax-a2 ax-r2 wa ) ABCZACZACQDZAEZAADZBOTBDOEZEZQAAQAPAABFAGHIJSUAAEUBRUAAABKLUAAMNN $.
${
  negantlem5.e1 $e |- ( a ->1 c ) = ( b ->1 c ) $.
  $( Negated antecedent identity. $)
  negantlem5 $p |- ( a ' ^ c ' ) = ( b ' ^ c ' ) $= ( wi1 wn wa ran u1lemanb 3tr2 ) ACEZCFZGBCEZLGAFLGBFLGKMLDHACIBCIJ $.
$}
${
  gomaex3h9.e1 $e |- w = q ' $.
  gomaex3h9.e2 $e |- x = q $.
  $( Hypothesis for Godowski 6-var -> Mayet Example 3. $)
  gomaex3h9 $p |- w =< x ' $= ( wn leid ax-r4 le3tr1 ) AFZJBCFJGDCAEHI $.
$}
$( Modular law in equational form. $)
ml $a |- ( a v ( b ^ ( a v c ) ) ) = ( ( a v b ) ^ ( a v c ) ) $.
${
  ml2i.e1 $e |- c =< a $.
  $( Inference version of modular law. $)
  ml2i $a |- ( c v ( b ^ a ) ) = ( ( c v b ) ^ a ) $.
$}
${
  mlduali.e1 $e |- a =< c $.
  $( Inference version of dual of modular law. $)
  mlduali $a |- ( ( a v b ) ^ c ) = ( a v ( b ^ c ) ) $.
$}
$( Part of von Neumann's lemma. Lemma 9, Kalmbach p. 96 $)
vneulem5 $p |- ( ( ( x v y ) v u ) ^ ( ( x v y ) v w ) ) = ( ( x v y ) v ( ( ( x v y ) v u ) ^ w ) ) $= ( wo wa ancom ml cm lor 3tr ) CDEZAEZLBEZFNMFZLBMFZEZLMBFZEMNGQOLBAHIPRLBMG JK $.
