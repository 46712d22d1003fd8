$( A cut of set.mm as of January 2021 (https://github.com/metamath/set.mm, CC0-1.0): some theorems with
   their proofs; what these name stands here as axioms. $)
$c " # ( (,) (/) ) + +g , - --> -. -/\ -1-1-> -1-1-onto-> -> -g -u ... .r / /. /\ 0 0g 1 1r 2 4 5 6 : < <-> <. <_ = =/= >. A. Abel Base CC CMnd C_ Clsd E! E* E. F. F/ F/_ Grp Lat Mnd NN NN0 On RR RR* Rel Ring T. Top TopOn Tr U. X. ZZ [ \ \/ \/_ ] ^ _I _V _om ` `' abs card class cls dom e. i^i if iota join le meet mulGrp ran setvar suc u. wff x. { | |- |-> |^| |` || } ~<_ ~P ~~ $.
$v .+ .- ./\ .0. .1. .<_ .\/ .x. A B C D F G J K L M N R S T V W X Y Z ch e et k n ph ps s si ta th x y z ze $.
wph $f wff ph $.
wps $f wff ps $.
wch $f wff ch $.
wth $f wff th $.
wta $f wff ta $.
wet $f wff et $.
wze $f wff ze $.
wsi $f wff si $.
vx.wal $f setvar x $.
cA.wceq $f class A $.
cB.wceq $f class B $.
vy $f setvar y $.
vz $f setvar z $.
cC $f class C $.
cD $f class D $.
c.pl $f class .+ $.
cR $f class R $.
cS $f class S $.
cT $f class T $.
c.x $f class .x. $.
c.1 $f class .1. $.
ve $f setvar e $.
vk $f setvar k $.
vn $f setvar n $.
cF $f class F $.
cG $f class G $.
cJ $f class J $.
c.or $f class .\/ $.
cK $f class K $.
cL $f class L $.
c.le $f class .<_ $.
cM $f class M $.
c.an $f class ./\ $.
c.mi $f class .- $.
cN $f class N $.
cV $f class V $.
cW $f class W $.
cX $f class X $.
cY $f class Y $.
c.0 $f class .0. $.
cZ $f class Z $.
vs $f setvar s $.
$( If ` ph ` is a wff, so is ` -. ph ` or "not ` ph ` ." Part of the recursive definition of a wff (well-formed formula). In classical logic (which is our logic), a wff is interpreted as either true or false. So if ` ph ` is true, then ` -. ph ` is false; if ` ph ` is false, then ` -. ph ` is true. $)
wn $a wff -. ph $.
$( If ` ph ` and ` ps ` are wff's, so is ` ( ph -> ps ) ` or " ` ph ` implies ` ps ` ." Part of the recursive definition of a wff. The resulting wff is (interpreted as) false when ` ph ` is true and ` ps ` is false; it is true otherwise. Think of the truth table for an OR gate with input ` ph ` $)
wi $a wff ( ph -> ps ) $.
${
  ax-mp.e1 $e |- ph $.
  ax-mp.e2 $e |- ( ph -> ps ) $.
  $( Rule of Modus Ponens. The postulated inference rule of propositional calculus. See e.g. Rule 1 of [Hamilton] p. 73. The rule says, "if ` ph ` is true, and ` ph ` implies ` ps ` , then ` ps ` must also be true." This rule is sometimes called "detachment," since it detaches the minor premise from the $)
  ax-mp $a |- ps $.
$}
${
  mp2.e1 $e |- ph $.
  mp2.e2 $e |- ps $.
  mp2.e3 $e |- ( ph -> ( ps -> ch ) ) $.
  $( A double modus ponens inference. (Contributed by NM, 5-Apr-1994.) $)
  mp2 $a |- ch $.
$}
${
  a1i.e1 $e |- ph $.
  $( Inference introducing an antecedent. Inference associated with ~ ax-1 . Its associated inference is ~ dummylink . See ~ conventions for a definition of "associated inference". (Contributed by NM, 29-Dec-1992.) $)
  a1i $a |- ( ps -> ph ) $.
$}
${
  mpd.e1 $e |- ( ph -> ps ) $.
  mpd.e2 $e |- ( ph -> ( ps -> ch ) ) $.
  $( A modus ponens deduction. A translation of natural deduction rule ` -> ` E ( ` -> ` elimination), see ~ natded . Deduction form of ~ ax-mp . Inference associated with ~ a2i . (Contributed by NM, 29-Dec-1992.) $)
  mpd $a |- ( ph -> ch ) $.
$}
${
  syl.e1 $e |- ( ph -> ps ) $.
  syl.e2 $e |- ( ps -> ch ) $.
  $( An inference version of the transitive laws for implication ~ imim2 and ~ imim1 (and ~ imim1i and ~ imim2i ), which Russell and Whitehead call "the principle of the syllogism...because...the syllogism in Barbara is derived from them" (quote after Theorem *2.06 of [WhiteheadRussell] p. 101). Some $)
  syl $a |- ( ph -> ch ) $.
$}
$( Principle of identity. Theorem *2.08 of [WhiteheadRussell] p. 101. For another version of the proof directly from axioms, see ~ idALT . Its associated inference, ~ idi , requires no axioms for its proof, contrary to ~ id . (Contributed by NM, 29-Dec-1992.) (Proof shortened by Stefan Allan, $)
id $a |- ( ph -> ph ) $.
${
  a1d.e1 $e |- ( ph -> ps ) $.
  $( Deduction introducing an embedded antecedent. Deduction form of ~ ax-1 and ~ a1i . (Contributed by NM, 5-Jan-1993.) (Proof shortened by Stefan Allan, 20-Mar-2006.) $)
  a1d $a |- ( ph -> ( ch -> ps ) ) $.
$}
${
  syl5com.e1 $e |- ( ph -> ps ) $.
  syl5com.e2 $e |- ( ch -> ( ps -> th ) ) $.
  $( Syllogism inference with commuted antecedents. (Contributed by NM, 24-May-2005.) $)
  syl5com $a |- ( ph -> ( ch -> th ) ) $.
$}
${
  com12.e1 $e |- ( ph -> ( ps -> ch ) ) $.
  $( Inference that swaps (commutes) antecedents in an implication. Inference associated with ~ pm2.04 . Its associated inference is ~ mpi . (Contributed by NM, 29-Dec-1992.) (Proof shortened by Wolf Lammen, 4-Aug-2012.) $)
  com12 $a |- ( ps -> ( ph -> ch ) ) $.
$}
${
  syl5.e1 $e |- ( ph -> ps ) $.
  syl5.e2 $e |- ( ch -> ( ps -> th ) ) $.
  $( A syllogism rule of inference. The first premise is used to replace the second antecedent of the second premise. (Contributed by NM, 27-Dec-1992.) (Proof shortened by Wolf Lammen, 25-May-2013.) $)
  syl5 $a |- ( ch -> ( ph -> th ) ) $.
$}
${
  syl6.e1 $e |- ( ph -> ( ps -> ch ) ) $.
  syl6.e2 $e |- ( ch -> th ) $.
  $( A syllogism rule of inference. The second premise is used to replace the consequent of the first premise. (Contributed by NM, 5-Jan-1993.) (Proof shortened by Wolf Lammen, 30-Jul-2012.) $)
  syl6 $a |- ( ph -> ( ps -> th ) ) $.
$}
${
  syld.e1 $e |- ( ph -> ( ps -> ch ) ) $.
  syld.e2 $e |- ( ph -> ( ch -> th ) ) $.
  $( Syllogism deduction. Deduction associated with ~ syl . See ~ conventions for the meaning of "associated deduction" or "deduction form". (Contributed by NM, 5-Aug-1993.) (Proof shortened by Mel L. O'Cat, 19-Feb-2008.) (Proof shortened by Wolf Lammen, 3-Aug-2012.) $)
  syld $a |- ( ph -> ( ps -> th ) ) $.
$}
${
  pm2.43i.e1 $e |- ( ph -> ( ph -> ps ) ) $.
  $( Inference absorbing redundant antecedent. Inference associated with ~ pm2.43 . (Contributed by NM, 10-Jan-1993.) (Proof shortened by Mel L. O'Cat, 28-Nov-2008.) $)
  pm2.43i $a |- ( ph -> ps ) $.
$}
${
  pm2.43a.e1 $e |- ( ps -> ( ph -> ( ps -> ch ) ) ) $.
  $( Inference absorbing redundant antecedent. (Contributed by NM, 7-Nov-1995.) (Proof shortened by Mel L. O'Cat, 28-Nov-2008.) $)
  pm2.43a $a |- ( ps -> ( ph -> ch ) ) $.
$}
${
  sylsyld.e1 $e |- ( ph -> ps ) $.
  sylsyld.e2 $e |- ( ph -> ( ch -> th ) ) $.
  sylsyld.e3 $e |- ( ps -> ( th -> ta ) ) $.
  $( A double syllogism inference. (Contributed by Alan Sare, 20-Apr-2011.) $)
  sylsyld $a |- ( ph -> ( ch -> ta ) ) $.
$}
${
  com23.e1 $e |- ( ph -> ( ps -> ( ch -> th ) ) ) $.
  $( Commutation of antecedents. Swap 2nd and 3rd. (Contributed by NM, 27-Dec-1992.) (Proof shortened by Wolf Lammen, 4-Aug-2012.) $)
  com23 $a |- ( ph -> ( ch -> ( ps -> th ) ) ) $.
$}
${
  com34.e1 $e |- ( ph -> ( ps -> ( ch -> ( th -> ta ) ) ) ) $.
  $( Commutation of antecedents. Swap 3rd and 4th. (Contributed by NM, 25-Apr-1994.) $)
  com34 $a |- ( ph -> ( ps -> ( th -> ( ch -> ta ) ) ) ) $.
$}
${
  com45.e1 $e |- ( ph -> ( ps -> ( ch -> ( th -> ( ta -> et ) ) ) ) ) $.
  $( Commutation of antecedents. Swap 4th and 5th. (Contributed by Jeff Hankins, 28-Jun-2009.) $)
  com45 $a |- ( ph -> ( ps -> ( ch -> ( ta -> ( th -> et ) ) ) ) ) $.
$}
${
  com35.e1 $e |- ( ph -> ( ps -> ( ch -> ( th -> ( ta -> et ) ) ) ) ) $.
  $( Commutation of antecedents. Swap 3rd and 5th. (Contributed by Jeff Hankins, 28-Jun-2009.) $)
  com35 $p |- ( ph -> ( ps -> ( ta -> ( th -> ( ch -> et ) ) ) ) ) $= ( wi com34 com45 ) ABDECFHABDCEFABCDEFHGIJI $.
$}
${
  pm2.21d.e1 $e |- ( ph -> -. ps ) $.
  $( A contradiction implies anything. Deduction associated with ~ pm2.21 . (Contributed by NM, 10-Feb-1996.) $)
  pm2.21d $a |- ( ph -> ( ps -> ch ) ) $.
$}
${
  pm2.18d.e1 $e |- ( ph -> ( -. ps -> ps ) ) $.
  $( Deduction based on reductio ad absurdum. (Contributed by FL, 12-Jul-2009.) (Proof shortened by Andrew Salmon, 7-May-2011.) $)
  pm2.18d $a |- ( ph -> ps ) $.
$}
${
  con1i.e1 $e |- ( -. ph -> ps ) $.
  $( A contraposition inference. Inference associated with ~ con1 . Its associated inference is ~ mt3 . (Contributed by NM, 3-Jan-1993.) (Proof shortened by Mel L. O'Cat, 28-Nov-2008.) (Proof shortened by Wolf Lammen, 19-Jun-2013.) $)
  con1i $a |- ( -. ps -> ph ) $.
$}
$( Contraposition. Theorem *2.16 of [WhiteheadRussell] p. 103. This was the fourth axiom of Frege, specifically Proposition 28 of [Frege1879] p. 43. Its associated inference is ~ con3i . (Contributed by NM, 29-Dec-1992.) (Proof shortened by Wolf Lammen, 13-Feb-2013.) $)
con3 $a |- ( ( ph -> ps ) -> ( -. ps -> -. ph ) ) $.
$( Extend our wff definition to include the biconditional connective. $)
wb $a wff ( ph <-> ps ) $.
${
  impbii.e1 $e |- ( ph -> ps ) $.
  impbii.e2 $e |- ( ps -> ph ) $.
  $( Infer an equivalence from an implication and its converse. Inference associated with ~ impbi . (Contributed by NM, 29-Dec-1992.) $)
  impbii $a |- ( ph <-> ps ) $.
$}
${
  impbid.e1 $e |- ( ph -> ( ps -> ch ) ) $.
  impbid.e2 $e |- ( ph -> ( ch -> ps ) ) $.
  $( Deduce an equivalence from two implications. Deduction associated with ~ impbi and ~ impbii . (Contributed by NM, 24-Jan-1993.) Revised to prove it from ~ impbid21d . (Revised by Wolf Lammen, 3-Nov-2012.) $)
  impbid $a |- ( ph -> ( ps <-> ch ) ) $.
$}
$( Property of the biconditional connective. (Contributed by NM, 11-May-1999.) $)
biimp $a |- ( ( ph <-> ps ) -> ( ph -> ps ) ) $.
${
  biimpi.e1 $e |- ( ph <-> ps ) $.
  $( Infer an implication from a logical equivalence. Inference associated with ~ biimp . (Contributed by NM, 29-Dec-1992.) $)
  biimpi $a |- ( ph -> ps ) $.
$}
${
  sylbi.e1 $e |- ( ph <-> ps ) $.
  sylbi.e2 $e |- ( ps -> ch ) $.
  $( A mixed syllogism inference from a biconditional and an implication. Useful for substituting an antecedent with a definition. (Contributed by NM, 3-Jan-1993.) $)
  sylbi $a |- ( ph -> ch ) $.
$}
${
  sylib.e1 $e |- ( ph -> ps ) $.
  sylib.e2 $e |- ( ps <-> ch ) $.
  $( A mixed syllogism inference from an implication and a biconditional. (Contributed by NM, 3-Jan-1993.) $)
  sylib $a |- ( ph -> ch ) $.
$}
$( Commutative law for the biconditional. Theorem *4.21 of [WhiteheadRussell] p. 117. (Contributed by NM, 11-May-1993.) $)
bicom $a |- ( ( ph <-> ps ) <-> ( ps <-> ph ) ) $.
${
  bicomi.e1 $e |- ( ph <-> ps ) $.
  $( Inference from commutative law for logical equivalence. (Contributed by NM, 3-Jan-1993.) $)
  bicomi $a |- ( ps <-> ph ) $.
$}
${
  impbid2.e1 $e |- ( ps -> ch ) $.
  impbid2.e2 $e |- ( ph -> ( ch -> ps ) ) $.
  $( Infer an equivalence from two implications. (Contributed by NM, 6-Mar-2007.) (Proof shortened by Wolf Lammen, 27-Sep-2013.) $)
  impbid2 $a |- ( ph -> ( ps <-> ch ) ) $.
$}
${
  biimpri.e1 $e |- ( ph <-> ps ) $.
  $( Infer a converse implication from a logical equivalence. Inference associated with ~ biimpr . (Contributed by NM, 29-Dec-1992.) (Proof shortened by Wolf Lammen, 16-Sep-2013.) $)
  biimpri $a |- ( ps -> ph ) $.
$}
${
  biimpd.e1 $e |- ( ph -> ( ps <-> ch ) ) $.
  $( Deduce an implication from a logical equivalence. Deduction associated with ~ biimp and ~ biimpi . (Contributed by NM, 11-Jan-1993.) $)
  biimpd $a |- ( ph -> ( ps -> ch ) ) $.
$}
${
  mpbir.e1 $e |- ps $.
  mpbir.e2 $e |- ( ph <-> ps ) $.
  $( An inference from a biconditional, related to modus ponens. (Contributed by NM, 28-Dec-1992.) $)
  mpbir $a |- ph $.
$}
${
  mpbid.e1 $e |- ( ph -> ps ) $.
  mpbid.e2 $e |- ( ph -> ( ps <-> ch ) ) $.
  $( A deduction from a biconditional, related to modus ponens. (Contributed by NM, 21-Jun-1993.) $)
  mpbid $a |- ( ph -> ch ) $.
$}
${
  sylibr.e1 $e |- ( ph -> ps ) $.
  sylibr.e2 $e |- ( ch <-> ps ) $.
  $( A mixed syllogism inference from an implication and a biconditional. Useful for substituting a consequent with a definition. (Contributed by NM, 3-Jan-1993.) $)
  sylibr $a |- ( ph -> ch ) $.
$}
${
  sylbir.e1 $e |- ( ps <-> ph ) $.
  sylbir.e2 $e |- ( ps -> ch ) $.
  $( A mixed syllogism inference from a biconditional and an implication. (Contributed by NM, 3-Jan-1993.) $)
  sylbir $a |- ( ph -> ch ) $.
$}
${
  sylbid.e1 $e |- ( ph -> ( ps <-> ch ) ) $.
  sylbid.e2 $e |- ( ph -> ( ch -> th ) ) $.
  $( A syllogism deduction. (Contributed by NM, 3-Aug-1994.) $)
  sylbid $a |- ( ph -> ( ps -> th ) ) $.
$}
${
  syl5bi.e1 $e |- ( ph <-> ps ) $.
  syl5bi.e2 $e |- ( ch -> ( ps -> th ) ) $.
  $( A mixed syllogism inference from a nested implication and a biconditional. Useful for substituting an embedded antecedent with a definition. (Contributed by NM, 12-Jan-1993.) $)
  syl5bi $a |- ( ch -> ( ph -> th ) ) $.
$}
${
  syl5bir.e1 $e |- ( ps <-> ph ) $.
  syl5bir.e2 $e |- ( ch -> ( ps -> th ) ) $.
  $( A mixed syllogism inference from a nested implication and a biconditional. (Contributed by NM, 21-Jun-1993.) $)
  syl5bir $a |- ( ch -> ( ph -> th ) ) $.
$}
${
  syl5ib.e1 $e |- ( ph -> ps ) $.
  syl5ib.e2 $e |- ( ch -> ( ps <-> th ) ) $.
  $( A mixed syllogism inference. (Contributed by NM, 12-Jan-1993.) $)
  syl5ib $a |- ( ch -> ( ph -> th ) ) $.
$}
${
  syl5ibrcom.e1 $e |- ( ph -> th ) $.
  syl5ibrcom.e2 $e |- ( ch -> ( ps <-> th ) ) $.
  $( A mixed syllogism inference. (Contributed by NM, 20-Jun-2007.) $)
  syl5ibrcom $a |- ( ph -> ( ch -> ps ) ) $.
$}
${
  biimprd.e1 $e |- ( ph -> ( ps <-> ch ) ) $.
  $( Deduce a converse implication from a logical equivalence. Deduction associated with ~ biimpr and ~ biimpri . (Contributed by NM, 11-Jan-1993.) (Proof shortened by Wolf Lammen, 22-Sep-2013.) $)
  biimprd $a |- ( ph -> ( ch -> ps ) ) $.
$}
${
  syl6bi.e1 $e |- ( ph -> ( ps <-> ch ) ) $.
  syl6bi.e2 $e |- ( ch -> th ) $.
  $( A mixed syllogism inference. (Contributed by NM, 2-Jan-1994.) $)
  syl6bi $a |- ( ph -> ( ps -> th ) ) $.
$}
${
  mpbird.e1 $e |- ( ph -> ch ) $.
  mpbird.e2 $e |- ( ph -> ( ps <-> ch ) ) $.
  $( A deduction from a biconditional, related to modus ponens. (Contributed by NM, 5-Aug-1993.) $)
  mpbird $a |- ( ph -> ps ) $.
$}
${
  bitri.e1 $e |- ( ph <-> ps ) $.
  bitri.e2 $e |- ( ps <-> ch ) $.
  $( An inference from transitive law for logical equivalence. (Contributed by NM, 3-Jan-1993.) (Proof shortened by Wolf Lammen, 13-Oct-2012.) $)
  bitri $a |- ( ph <-> ch ) $.
$}
${
  bitr2i.e1 $e |- ( ph <-> ps ) $.
  bitr2i.e2 $e |- ( ps <-> ch ) $.
  $( An inference from transitive law for logical equivalence. (Contributed by NM, 12-Mar-1993.) $)
  bitr2i $a |- ( ch <-> ph ) $.
$}
${
  bitr3i.e1 $e |- ( ps <-> ph ) $.
  bitr3i.e2 $e |- ( ps <-> ch ) $.
  $( An inference from transitive law for logical equivalence. (Contributed by NM, 2-Jun-1993.) $)
  bitr3i $a |- ( ph <-> ch ) $.
$}
${
  bitr4i.e1 $e |- ( ph <-> ps ) $.
  bitr4i.e2 $e |- ( ch <-> ps ) $.
  $( An inference from transitive law for logical equivalence. (Contributed by NM, 3-Jan-1993.) $)
  bitr4i $a |- ( ph <-> ch ) $.
$}
${
  bitrd.e1 $e |- ( ph -> ( ps <-> ch ) ) $.
  bitrd.e2 $e |- ( ph -> ( ch <-> th ) ) $.
  $( Deduction form of ~ bitri . (Contributed by NM, 12-Mar-1993.) (Proof shortened by Wolf Lammen, 14-Apr-2013.) $)
  bitrd $a |- ( ph -> ( ps <-> th ) ) $.
$}
${
  syl6bb.e1 $e |- ( ph -> ( ps <-> ch ) ) $.
  syl6bb.e2 $e |- ( ch <-> th ) $.
  $( A syllogism inference from two biconditionals. (Contributed by NM, 12-Mar-1993.) $)
  syl6bb $a |- ( ph -> ( ps <-> th ) ) $.
$}
${
  syl6bbr.e1 $e |- ( ph -> ( ps <-> ch ) ) $.
  syl6bbr.e2 $e |- ( th <-> ch ) $.
  $( A syllogism inference from two biconditionals. (Contributed by NM, 12-Mar-1993.) $)
  syl6bbr $a |- ( ph -> ( ps <-> th ) ) $.
$}
${
  syl6rbbr.e1 $e |- ( ph -> ( ps <-> ch ) ) $.
  syl6rbbr.e2 $e |- ( th <-> ch ) $.
  $( A syllogism inference from two biconditionals. (Contributed by NM, 25-Nov-1994.) $)
  syl6rbbr $a |- ( ph -> ( th <-> ps ) ) $.
$}
${
  3bitrri.e1 $e |- ( ph <-> ps ) $.
  3bitrri.e2 $e |- ( ps <-> ch ) $.
  3bitrri.e3 $e |- ( ch <-> th ) $.
  $( A chained inference from transitive law for logical equivalence. (Contributed by NM, 4-Aug-2006.) $)
  3bitrri $a |- ( th <-> ph ) $.
$}
${
  3bitr4i.e1 $e |- ( ph <-> ps ) $.
  3bitr4i.e2 $e |- ( ch <-> ph ) $.
  3bitr4i.e3 $e |- ( th <-> ps ) $.
  $( A chained inference from transitive law for logical equivalence. This inference is frequently used to apply a definition to both sides of a logical equivalence. (Contributed by NM, 3-Jan-1993.) $)
  3bitr4i $a |- ( ch <-> th ) $.
$}
${
  3bitr4ri.e1 $e |- ( ph <-> ps ) $.
  3bitr4ri.e2 $e |- ( ch <-> ph ) $.
  3bitr4ri.e3 $e |- ( th <-> ps ) $.
  $( A chained inference from transitive law for logical equivalence. (Contributed by NM, 2-Sep-1995.) $)
  3bitr4ri $a |- ( th <-> ch ) $.
$}
${
  3bitr4g.e1 $e |- ( ph -> ( ps <-> ch ) ) $.
  3bitr4g.e2 $e |- ( th <-> ps ) $.
  3bitr4g.e3 $e |- ( ta <-> ch ) $.
  $( More general version of ~ 3bitr4i . Useful for converting definitions in a formula. (Contributed by NM, 11-May-1993.) $)
  3bitr4g $a |- ( ph -> ( th <-> ta ) ) $.
$}
$( Double negation. Theorem *4.13 of [WhiteheadRussell] p. 117. (Contributed by NM, 3-Jan-1993.) $)
notnot $a |- ( ph <-> -. -. ph ) $.
${
  notbii.e1 $e |- ( ph <-> ps ) $.
  $( Negate both sides of a logical equivalence. (Contributed by NM, 3-Jan-1993.) (Proof shortened by Wolf Lammen, 19-May-2013.) $)
  notbii $a |- ( -. ph <-> -. ps ) $.
$}
${
  mtbid.e1 $e |- ( ph -> -. ps ) $.
  mtbid.e2 $e |- ( ph -> ( ps <-> ch ) ) $.
  $( A deduction from a biconditional, similar to modus tollens. (Contributed by NM, 26-Nov-1995.) $)
  mtbid $a |- ( ph -> -. ch ) $.
$}
${
  mtbiri.e1 $e |- -. ch $.
  mtbiri.e2 $e |- ( ph -> ( ps <-> ch ) ) $.
  $( An inference from a biconditional, similar to modus tollens. (Contributed by NM, 24-Aug-1995.) $)
  mtbiri $a |- ( ph -> -. ps ) $.
$}
${
  xchnxbi.e1 $e |- ( -. ph <-> ps ) $.
  xchnxbi.e2 $e |- ( ph <-> ch ) $.
  $( Replacement of a subexpression by an equivalent one. (Contributed by Wolf Lammen, 27-Sep-2014.) $)
  xchnxbi $a |- ( -. ch <-> ps ) $.
$}
${
  xchnxbir.e1 $e |- ( -. ph <-> ps ) $.
  xchnxbir.e2 $e |- ( ch <-> ph ) $.
  $( Replacement of a subexpression by an equivalent one. (Contributed by Wolf Lammen, 27-Sep-2014.) $)
  xchnxbir $a |- ( -. ch <-> ps ) $.
$}
${
  xchbinxr.e1 $e |- ( ph <-> -. ps ) $.
  xchbinxr.e2 $e |- ( ch <-> ps ) $.
  $( Replacement of a subexpression by an equivalent one. (Contributed by Wolf Lammen, 27-Sep-2014.) $)
  xchbinxr $a |- ( ph <-> -. ch ) $.
$}
${
  bibi2i.e1 $e |- ( ph <-> ps ) $.
  $( Inference adding a biconditional to the left in an equivalence. (Contributed by NM, 26-May-1993.) (Proof shortened by Andrew Salmon, 7-May-2011.) (Proof shortened by Wolf Lammen, 16-May-2013.) $)
  bibi2i $a |- ( ( ch <-> ph ) <-> ( ch <-> ps ) ) $.
$}
${
  bibi12i.e1 $e |- ( ph <-> ps ) $.
  bibi12i.e2 $e |- ( ch <-> th ) $.
  $( The equivalence of two equivalences. (Contributed by NM, 26-May-1993.) $)
  bibi12i $a |- ( ( ph <-> ch ) <-> ( ps <-> th ) ) $.
$}
${
  imbi12d.e1 $e |- ( ph -> ( ps <-> ch ) ) $.
  imbi12d.e2 $e |- ( ph -> ( th <-> ta ) ) $.
  $( Deduction joining two equivalences to form equivalence of implications. (Contributed by NM, 16-May-1993.) $)
  imbi12d $a |- ( ph -> ( ( ps -> th ) <-> ( ch -> ta ) ) ) $.
$}
$( Contraposition. Theorem *4.12 of [WhiteheadRussell] p. 117. (Contributed by NM, 15-Apr-1995.) (Proof shortened by Wolf Lammen, 3-Jan-2013.) $)
con2bi $a |- ( ( ph <-> -. ps ) <-> ( ps <-> -. ph ) ) $.
${
  con2bii.e1 $e |- ( ph <-> -. ps ) $.
  $( A contraposition inference. (Contributed by NM, 12-Mar-1993.) $)
  con2bii $a |- ( ps <-> -. ph ) $.
$}
${
  2falsed.e1 $e |- ( ph -> -. ps ) $.
  2falsed.e2 $e |- ( ph -> -. ch ) $.
  $( Two falsehoods are equivalent (deduction rule). (Contributed by NM, 11-Oct-2013.) $)
  2falsed $p |- ( ph -> ( ps <-> ch ) ) $= ( pm2.21d impbid ) ABCABCDFACBEFG $.
$}
${
  pm5.21ndd.e1 $e |- ( ph -> ( ch -> ps ) ) $.
  pm5.21ndd.e2 $e |- ( ph -> ( th -> ps ) ) $.
  pm5.21ndd.e3 $e |- ( ph -> ( ps -> ( ch <-> th ) ) ) $.
  $( Eliminate an antecedent implied by each side of a biconditional, deduction version. (Contributed by Paul Chapman, 21-Nov-2012.) (Proof shortened by Wolf Lammen, 6-Oct-2013.) $)
  pm5.21ndd $a |- ( ph -> ( ch <-> th ) ) $.
$}
${
  bija.e1 $e |- ( ph -> ( ps -> ch ) ) $.
  bija.e2 $e |- ( -. ph -> ( -. ps -> ch ) ) $.
  $( Combine antecedents into a single biconditional. This inference, reminiscent of ~ ja , is reversible: The hypotheses can be deduced from the conclusion alone (see ~ pm5.1im and ~ pm5.21im ). (Contributed by Wolf Lammen, 13-May-2013.) $)
  bija $a |- ( ( ph <-> ps ) -> ch ) $.
$}
$( Two ways to express "exclusive or." (Contributed by NM, 1-Jan-2006.) $)
xor3 $a |- ( -. ( ph <-> ps ) <-> ( ph <-> -. ps ) ) $.
$( Move negation outside of biconditional. Compare Theorem *5.18 of [WhiteheadRussell] p. 124. (Contributed by NM, 27-Jun-2002.) (Proof shortened by Wolf Lammen, 20-Sep-2013.) $)
nbbn $p |- ( ( -. ph <-> ps ) <-> -. ( ph <-> ps ) ) $= ( wb wn xor3 con2bi bicom 3bitrri ) ABCDABDCBADZCIBCABEABFBIGH $.
$( Extend wff definition to include disjunction ('or'). $)
wo $a wff ( ph \/ ps ) $.
$( Extend wff definition to include conjunction ('and'). $)
wa $a wff ( ph /\ ps ) $.
${
  ord.e1 $e |- ( ph -> ( ps \/ ch ) ) $.
  $( Deduce implication from disjunction. (Contributed by NM, 18-May-1994.) $)
  ord $a |- ( ph -> ( -. ps -> ch ) ) $.
$}
${
  jaoi.e1 $e |- ( ph -> ps ) $.
  jaoi.e2 $e |- ( ch -> ps ) $.
  $( Inference disjoining the antecedents of two implications. (Contributed by NM, 5-Apr-1994.) $)
  jaoi $a |- ( ( ph \/ ch ) -> ps ) $.
$}
${
  jaod.e1 $e |- ( ph -> ( ps -> ch ) ) $.
  jaod.e2 $e |- ( ph -> ( th -> ch ) ) $.
  $( Deduction disjoining the antecedents of two implications. (Contributed by NM, 18-Aug-1994.) $)
  jaod $a |- ( ph -> ( ( ps \/ th ) -> ch ) ) $.
$}
${
  orci.e1 $e |- ph $.
  $( Deduction introducing a disjunct. (Contributed by NM, 19-Jan-2008.) (Proof shortened by Wolf Lammen, 14-Nov-2012.) $)
  orci $a |- ( ph \/ ps ) $.
$}
${
  olcd.e1 $e |- ( ph -> ps ) $.
  $( Deduction introducing a disjunct. A translation of natural deduction rule ` \/ ` IL ( ` \/ ` insertion left), see ~ natded . (Contributed by NM, 11-Apr-2008.) (Proof shortened by Wolf Lammen, 3-Oct-2013.) $)
  olcd $a |- ( ph -> ( ch \/ ps ) ) $.
$}
$( Law of excluded middle, also called the principle of _tertium non datur_. Theorem *2.11 of [WhiteheadRussell] p. 101. It says that something is either true or not true; there are no in-between values of truth. This is an essential distinction of our classical logic and is not a theorem of $)
exmid $a |- ( ph \/ -. ph ) $.
${
  imp.e1 $e |- ( ph -> ( ps -> ch ) ) $.
  $( Importation inference. (Contributed by NM, 3-Jan-1993.) (Proof shortened by Eric Schmidt, 22-Dec-2006.) $)
  imp $a |- ( ( ph /\ ps ) -> ch ) $.
$}
${
  impcom.e1 $e |- ( ph -> ( ps -> ch ) ) $.
  $( Importation inference with commuted antecedents. (Contributed by NM, 25-May-2005.) $)
  impcom $a |- ( ( ps /\ ph ) -> ch ) $.
$}
${
  impd.e1 $e |- ( ph -> ( ps -> ( ch -> th ) ) ) $.
  $( Importation deduction. (Contributed by NM, 31-Mar-1994.) $)
  impd $a |- ( ph -> ( ( ps /\ ch ) -> th ) ) $.
$}
${
  ex.e1 $e |- ( ( ph /\ ps ) -> ch ) $.
  $( Exportation inference. (This theorem used to be labeled "exp" but was changed to "ex" so as not to conflict with the math token "exp", per the June 2006 Metamath spec change.) A translation of natural deduction rule ` -> ` I ( ` -> ` introduction), see ~ natded . (Contributed by NM, 3-Jan-1993.) $)
  ex $a |- ( ph -> ( ps -> ch ) ) $.
$}
${
  expcom.e1 $e |- ( ( ph /\ ps ) -> ch ) $.
  $( Exportation inference with commuted antecedents. (Contributed by NM, 25-May-2005.) $)
  expcom $a |- ( ps -> ( ph -> ch ) ) $.
$}
${
  expd.e1 $e |- ( ph -> ( ( ps /\ ch ) -> th ) ) $.
  $( Exportation deduction. (Contributed by NM, 20-Aug-1993.) $)
  expd $a |- ( ph -> ( ps -> ( ch -> th ) ) ) $.
$}
${
  impancom.e1 $e |- ( ( ph /\ ps ) -> ( ch -> th ) ) $.
  $( Mixed importation/commutation inference. (Contributed by NM, 22-Jun-2013.) $)
  impancom $a |- ( ( ph /\ ch ) -> ( ps -> th ) ) $.
$}
${
  ancoms.e1 $e |- ( ( ph /\ ps ) -> ch ) $.
  $( Inference commuting conjunction in antecedent. (Contributed by NM, 21-Apr-1994.) $)
  ancoms $a |- ( ( ps /\ ph ) -> ch ) $.
$}
${
  pm3.2i.e1 $e |- ph $.
  pm3.2i.e2 $e |- ps $.
  $( Infer conjunction of premises. (Contributed by NM, 21-Jun-1993.) $)
  pm3.2i $a |- ( ph /\ ps ) $.
$}
$( Elimination of a conjunct. Theorem *3.26 (Simp) of [WhiteheadRussell] p. 112. (Contributed by NM, 3-Jan-1993.) (Proof shortened by Wolf Lammen, 13-Nov-2012.) $)
simpl $a |- ( ( ph /\ ps ) -> ph ) $.
${
  simpld.e1 $e |- ( ph -> ( ps /\ ch ) ) $.
  $( Deduction eliminating a conjunct. A translation of natural deduction rule ` /\ ` EL ( ` /\ ` elimination left), see ~ natded . (Contributed by NM, 26-May-1993.) $)
  simpld $a |- ( ph -> ps ) $.
$}
$( Elimination of a conjunct. Theorem *3.27 (Simp) of [WhiteheadRussell] p. 112. (Contributed by NM, 3-Jan-1993.) (Proof shortened by Wolf Lammen, 13-Nov-2012.) $)
simpr $a |- ( ( ph /\ ps ) -> ps ) $.
${
  simpri.e1 $e |- ( ph /\ ps ) $.
  $( Inference eliminating a conjunct. (Contributed by NM, 15-Jun-1994.) $)
  simpri $a |- ps $.
$}
${
  adantr.e1 $e |- ( ph -> ps ) $.
  $( Inference adding a conjunct to the right of an antecedent. (Contributed by NM, 30-Aug-1993.) $)
  adantr $a |- ( ( ph /\ ch ) -> ps ) $.
$}
${
  adantl.e1 $e |- ( ph -> ps ) $.
  $( Inference adding a conjunct to the left of an antecedent. (Contributed by NM, 30-Aug-1993.) (Proof shortened by Wolf Lammen, 23-Nov-2012.) $)
  adantl $a |- ( ( ch /\ ph ) -> ps ) $.
$}
${
  sylan.e1 $e |- ( ph -> ps ) $.
  sylan.e2 $e |- ( ( ps /\ ch ) -> th ) $.
  $( A syllogism inference. (Contributed by NM, 21-Apr-1994.) (Proof shortened by Wolf Lammen, 22-Nov-2012.) $)
  sylan $a |- ( ( ph /\ ch ) -> th ) $.
$}
${
  syl2an.e1 $e |- ( ph -> ps ) $.
  syl2an.e2 $e |- ( ta -> ch ) $.
  syl2an.e3 $e |- ( ( ps /\ ch ) -> th ) $.
  $( A double syllogism inference. (Contributed by NM, 31-Jan-1997.) $)
  syl2an $a |- ( ( ph /\ ta ) -> th ) $.
$}
${
  biimpar.e1 $e |- ( ph -> ( ps <-> ch ) ) $.
  $( Inference from a logical equivalence. (Contributed by NM, 3-May-1994.) $)
  biimpar $a |- ( ( ph /\ ch ) -> ps ) $.
$}
${
  orbi2i.e1 $e |- ( ph <-> ps ) $.
  $( Inference adding a left disjunct to both sides of a logical equivalence. (Contributed by NM, 3-Jan-1993.) (Proof shortened by Wolf Lammen, 12-Dec-2012.) $)
  orbi2i $a |- ( ( ch \/ ph ) <-> ( ch \/ ps ) ) $.
$}
${
  orbi1i.e1 $e |- ( ph <-> ps ) $.
  $( Inference adding a right disjunct to both sides of a logical equivalence. (Contributed by NM, 3-Jan-1993.) $)
  orbi1i $a |- ( ( ph \/ ch ) <-> ( ps \/ ch ) ) $.
$}
${
  orbi12i.e1 $e |- ( ph <-> ps ) $.
  orbi12i.e2 $e |- ( ch <-> th ) $.
  $( Infer the disjunction of two equivalences. (Contributed by NM, 3-Jan-1993.) $)
  orbi12i $a |- ( ( ph \/ ch ) <-> ( ps \/ th ) ) $.
$}
${
  jcad.e1 $e |- ( ph -> ( ps -> ch ) ) $.
  jcad.e2 $e |- ( ph -> ( ps -> th ) ) $.
  $( Deduction conjoining the consequents of two implications. (Contributed by NM, 15-Jul-1993.) (Proof shortened by Wolf Lammen, 23-Jul-2013.) $)
  jcad $a |- ( ph -> ( ps -> ( ch /\ th ) ) ) $.
$}
${
  jctil.e1 $e |- ( ph -> ps ) $.
  jctil.e2 $e |- ch $.
  $( Inference conjoining a theorem to left of consequent in an implication. (Contributed by NM, 31-Dec-1993.) $)
  jctil $a |- ( ph -> ( ch /\ ps ) ) $.
$}
${
  ancli.e1 $e |- ( ph -> ps ) $.
  $( Deduction conjoining antecedent to left of consequent. (Contributed by NM, 12-Aug-1993.) $)
  ancli $a |- ( ph -> ( ph /\ ps ) ) $.
$}
${
  pm4.71i.e1 $e |- ( ph -> ps ) $.
  $( Inference converting an implication to a biconditional with conjunction. Inference from Theorem *4.71 of [WhiteheadRussell] p. 120. (Contributed by NM, 4-Jan-2004.) $)
  pm4.71i $a |- ( ph <-> ( ph /\ ps ) ) $.
$}
${
  biadan2.e1 $e |- ( ph -> ps ) $.
  biadan2.e2 $e |- ( ps -> ( ph <-> ch ) ) $.
  $( Add a conjunction to an equivalence. (Contributed by Jeff Madsen, 20-Jun-2011.) $)
  biadan2 $a |- ( ph <-> ( ps /\ ch ) ) $.
$}
${
  mtand.e1 $e |- ( ph -> -. ch ) $.
  mtand.e2 $e |- ( ( ph /\ ps ) -> ch ) $.
  $( A modus tollens deduction. (Contributed by Jeff Hankins, 19-Aug-2009.) $)
  mtand $a |- ( ph -> -. ps ) $.
$}
${
  syl2anc.e1 $e |- ( ph -> ps ) $.
  syl2anc.e2 $e |- ( ph -> ch ) $.
  syl2anc.e3 $e |- ( ( ps /\ ch ) -> th ) $.
  $( Syllogism inference combined with contraction. (Contributed by NM, 16-Mar-2012.) $)
  syl2anc $a |- ( ph -> th ) $.
$}
${
  sylancr.e1 $e |- ps $.
  sylancr.e2 $e |- ( ph -> ch ) $.
  sylancr.e3 $e |- ( ( ps /\ ch ) -> th ) $.
  $( Syllogism inference combined with modus ponens. (Contributed by Jeff Madsen, 2-Sep-2009.) $)
  sylancr $a |- ( ph -> th ) $.
$}
${
  mpan.e1 $e |- ph $.
  mpan.e2 $e |- ( ( ph /\ ps ) -> ch ) $.
  $( An inference based on modus ponens. (Contributed by NM, 30-Aug-1993.) (Proof shortened by Wolf Lammen, 7-Apr-2013.) $)
  mpan $a |- ( ps -> ch ) $.
$}
${
  mp2an.e1 $e |- ph $.
  mp2an.e2 $e |- ps $.
  mp2an.e3 $e |- ( ( ph /\ ps ) -> ch ) $.
  $( An inference based on modus ponens. (Contributed by NM, 13-Apr-1995.) $)
  mp2an $a |- ch $.
$}
${
  anbi2i.e1 $e |- ( ph <-> ps ) $.
  $( Introduce a left conjunct to both sides of a logical equivalence. (Contributed by NM, 3-Jan-1993.) (Proof shortened by Wolf Lammen, 16-Nov-2013.) $)
  anbi2i $a |- ( ( ch /\ ph ) <-> ( ch /\ ps ) ) $.
$}
${
  sylan9bb.e1 $e |- ( ph -> ( ps <-> ch ) ) $.
  sylan9bb.e2 $e |- ( th -> ( ch <-> ta ) ) $.
  $( Nested syllogism inference conjoining dissimilar antecedents. (Contributed by NM, 4-Mar-1995.) $)
  sylan9bb $a |- ( ( ph /\ th ) -> ( ps <-> ta ) ) $.
$}
${
  anbi1d.e1 $e |- ( ph -> ( ps <-> ch ) ) $.
  $( Deduction adding a right conjunct to both sides of a logical equivalence. (Contributed by NM, 11-May-1993.) (Proof shortened by Wolf Lammen, 16-Nov-2013.) $)
  anbi1d $a |- ( ph -> ( ( ps /\ th ) <-> ( ch /\ th ) ) ) $.
$}
${
  anbi12d.e1 $e |- ( ph -> ( ps <-> ch ) ) $.
  anbi12d.e2 $e |- ( ph -> ( th <-> ta ) ) $.
  $( Deduction joining two equivalences to form equivalence of conjunctions. (Contributed by NM, 26-May-1993.) $)
  anbi12d $a |- ( ph -> ( ( ps /\ th ) <-> ( ch /\ ta ) ) ) $.
$}
$( Absorption into embedded conjunct. (Contributed by NM, 4-Sep-1995.) (Proof shortened by Wolf Lammen, 16-Nov-2013.) $)
anabs1 $p |- ( ( ( ph /\ ps ) /\ ph ) <-> ( ph /\ ps ) ) $= ( wa simpl pm4.71i bicomi ) ABCZGACGAABDEF $.
${
  orim12d.e1 $e |- ( ph -> ( ps -> ch ) ) $.
  orim12d.e2 $e |- ( ph -> ( th -> ta ) ) $.
  $( Disjoin antecedents and consequents in a deduction. (Contributed by NM, 10-May-1994.) $)
  orim12d $a |- ( ph -> ( ( ps \/ th ) -> ( ch \/ ta ) ) ) $.
$}
$( Distributive law for disjunction. (Contributed by NM, 12-Aug-1994.) $)
ordir $a |- ( ( ( ph /\ ps ) \/ ch ) <-> ( ( ph \/ ch ) /\ ( ps \/ ch ) ) ) $.
${
  pm5.21nd.e1 $e |- ( ( ph /\ ps ) -> th ) $.
  pm5.21nd.e2 $e |- ( ( ph /\ ch ) -> th ) $.
  pm5.21nd.e3 $e |- ( th -> ( ps <-> ch ) ) $.
  $( Eliminate an antecedent implied by each side of a biconditional. (Contributed by NM, 20-Nov-2005.) (Proof shortened by Wolf Lammen, 4-Nov-2013.) $)
  pm5.21nd $p |- ( ph -> ( ps <-> ch ) ) $= ( ex wb wi a1i pm5.21ndd ) ADBCABDEHACDFHDBCIJAGKL $.
$}
${
  mpbiran2.e1 $e |- ch $.
  mpbiran2.e2 $e |- ( ph <-> ( ps /\ ch ) ) $.
  $( Detach truth from conjunction in biconditional. (Contributed by NM, 22-Feb-1996.) $)
  mpbiran2 $a |- ( ph <-> ps ) $.
$}
$( Theorem *5.62 of [WhiteheadRussell] p. 125. (Contributed by Roy F. Longton, 21-Jun-2005.) $)
pm5.62 $p |- ( ( ( ph /\ ps ) \/ -. ps ) <-> ( ph \/ -. ps ) ) $= ( wa wn wo exmid ordir mpbiran2 ) ABCBDZEAIEBIEBFABIGH $.
${
  oplem1.e1 $e |- ( ph -> ( ps \/ ch ) ) $.
  oplem1.e2 $e |- ( ph -> ( th \/ ta ) ) $.
  oplem1.e3 $e |- ( ps <-> th ) $.
  oplem1.e4 $e |- ( ch -> ( th <-> ta ) ) $.
  $( A specialized lemma for set theory (ordered pair theorem). (Contributed by NM, 18-Oct-1995.) (Proof shortened by Wolf Lammen, 8-Dec-2012.) $)
  oplem1 $p |- ( ph -> ps ) $= ( wn wa notbii ord syl5bir jcad biimpar syl6 pm2.18d sylibr ) ADBADADJZCE KDATCETBJACBDHLABCFMNADEGMOCDEIPQRHS $.
$}
$( Extend wff definition to include three-way conjunction ('and'). $)
w3a $a wff ( ph /\ ps /\ ch ) $.
$( Simplification of triple conjunction. (Contributed by NM, 21-Apr-1994.) $)
simp1 $a |- ( ( ph /\ ps /\ ch ) -> ph ) $.
$( Simplification of triple conjunction. (Contributed by NM, 21-Apr-1994.) $)
simp2 $a |- ( ( ph /\ ps /\ ch ) -> ps ) $.
$( Simplification of triple conjunction. (Contributed by NM, 21-Apr-1994.) $)
simp3 $a |- ( ( ph /\ ps /\ ch ) -> ch ) $.
$( Simplification rule. (Contributed by Jeff Hankins, 17-Nov-2009.) $)
simpr1 $a |- ( ( ph /\ ( ps /\ ch /\ th ) ) -> ps ) $.
$( Simplification rule. (Contributed by Jeff Hankins, 17-Nov-2009.) $)
simpr2 $a |- ( ( ph /\ ( ps /\ ch /\ th ) ) -> ch ) $.
$( Simplification rule. (Contributed by Jeff Hankins, 17-Nov-2009.) $)
simpr3 $a |- ( ( ph /\ ( ps /\ ch /\ th ) ) -> th ) $.
${
  3adant1.e1 $e |- ( ( ph /\ ps ) -> ch ) $.
  $( Deduction adding a conjunct to antecedent. (Contributed by NM, 16-Jul-1995.) $)
  3adant1 $a |- ( ( th /\ ph /\ ps ) -> ch ) $.
$}
${
  3adant3.e1 $e |- ( ( ph /\ ps ) -> ch ) $.
  $( Deduction adding a conjunct to antecedent. (Contributed by NM, 16-Jul-1995.) $)
  3adant3 $a |- ( ( ph /\ ps /\ th ) -> ch ) $.
$}
${
  3ad2ant1.e1 $e |- ( ph -> ch ) $.
  $( Deduction adding conjuncts to an antecedent. (Contributed by NM, 21-Apr-2005.) $)
  3ad2ant1 $a |- ( ( ph /\ ps /\ th ) -> ch ) $.
$}
${
  3ad2ant2.e1 $e |- ( ph -> ch ) $.
  $( Deduction adding conjuncts to an antecedent. (Contributed by NM, 21-Apr-2005.) $)
  3ad2ant2 $a |- ( ( ps /\ ph /\ th ) -> ch ) $.
$}
${
  3ad2ant3.e1 $e |- ( ph -> ch ) $.
  $( Deduction adding conjuncts to an antecedent. (Contributed by NM, 21-Apr-2005.) $)
  3ad2ant3 $a |- ( ( ps /\ th /\ ph ) -> ch ) $.
$}
${
  3imp.e1 $e |- ( ph -> ( ps -> ( ch -> th ) ) ) $.
  $( Importation inference. (Contributed by NM, 8-Apr-1994.) $)
  3imp $a |- ( ( ph /\ ps /\ ch ) -> th ) $.
$}
${
  3expia.e1 $e |- ( ( ph /\ ps /\ ch ) -> th ) $.
  $( Exportation from triple conjunction. (Contributed by NM, 19-May-2007.) $)
  3expia $a |- ( ( ph /\ ps ) -> ( ch -> th ) ) $.
$}
${
  3com12.e1 $e |- ( ( ph /\ ps /\ ch ) -> th ) $.
  $( Commutation in antecedent. Swap 1st and 2nd. (Contributed by NM, 28-Jan-1996.) (Proof shortened by Andrew Salmon, 13-May-2011.) $)
  3com12 $a |- ( ( ps /\ ph /\ ch ) -> th ) $.
$}
${
  3adant3r3.e1 $e |- ( ( ph /\ ps /\ ch ) -> th ) $.
  $( Deduction adding a conjunct to antecedent. (Contributed by NM, 18-Feb-2008.) $)
  3adant3r3 $a |- ( ( ph /\ ( ps /\ ch /\ ta ) ) -> th ) $.
$}
${
  syl3anc.e1 $e |- ( ph -> ps ) $.
  syl3anc.e2 $e |- ( ph -> ch ) $.
  syl3anc.e3 $e |- ( ph -> th ) $.
  syl3anc.e4 $e |- ( ( ps /\ ch /\ th ) -> ta ) $.
  $( Syllogism combined with contraction. (Contributed by NM, 11-Mar-2012.) $)
  syl3anc $a |- ( ph -> ta ) $.
$}
${
  syl31anc.e1 $e |- ( ph -> ps ) $.
  syl31anc.e2 $e |- ( ph -> ch ) $.
  syl31anc.e3 $e |- ( ph -> th ) $.
  syl31anc.e4 $e |- ( ph -> ta ) $.
  syl31anc.e5 $e |- ( ( ( ps /\ ch /\ th ) /\ ta ) -> et ) $.
  $( Syllogism combined with contraction. (Contributed by NM, 11-Mar-2012.) $)
  syl31anc $a |- ( ph -> et ) $.
$}
${
  syl3an1.e1 $e |- ( ph -> ps ) $.
  syl3an1.e2 $e |- ( ( ps /\ ch /\ th ) -> ta ) $.
  $( A syllogism inference. (Contributed by NM, 22-Aug-1995.) $)
  syl3an1 $a |- ( ( ph /\ ch /\ th ) -> ta ) $.
$}
${
  syl3an2.e1 $e |- ( ph -> ch ) $.
  syl3an2.e2 $e |- ( ( ps /\ ch /\ th ) -> ta ) $.
  $( A syllogism inference. (Contributed by NM, 22-Aug-1995.) $)
  syl3an2 $a |- ( ( ps /\ ph /\ th ) -> ta ) $.
$}
${
  syl3anl2.e1 $e |- ( ph -> ch ) $.
  syl3anl2.e2 $e |- ( ( ( ps /\ ch /\ th ) /\ ta ) -> et ) $.
  $( A syllogism inference. (Contributed by NM, 24-Feb-2005.) $)
  syl3anl2 $p |- ( ( ( ps /\ ph /\ th ) /\ ta ) -> et ) $= ( w3a wi ex syl3an2 imp ) BADIEFABCDEFJGBCDIEFHKLM $.
$}
${
  mp3an2.e1 $e |- ps $.
  mp3an2.e2 $e |- ( ( ph /\ ps /\ ch ) -> th ) $.
  $( An inference based on modus ponens. (Contributed by NM, 21-Nov-1994.) $)
  mp3an2 $a |- ( ( ph /\ ch ) -> th ) $.
$}
${
  mp3anl2.e1 $e |- ps $.
  mp3anl2.e2 $e |- ( ( ( ph /\ ps /\ ch ) /\ th ) -> ta ) $.
  $( An inference based on modus ponens. (Contributed by NM, 24-Feb-2005.) $)
  mp3anl2 $p |- ( ( ( ph /\ ch ) /\ th ) -> ta ) $= ( wa wi w3a ex mp3an2 imp ) ACHDEABCDEIFABCJDEGKLM $.
$}
$( Extend wff definition to include alternative denial ('nand'). $)
wnan $a wff ( ph -/\ ps ) $.
$( Define incompatibility, or alternative denial ('not-and' or 'nand'). This is also called the Sheffer stroke, represented by a vertical bar, but we use a different symbol to avoid ambiguity with other uses of the vertical bar. In the second edition of Principia Mathematica (1927), Russell and $)
df-nan $a |- ( ( ph -/\ ps ) <-> -. ( ph /\ ps ) ) $.
$( Extend wff definition to include exclusive disjunction ('xor'). $)
wxo $a wff ( ph \/_ ps ) $.
$( Extend wff definition to include the universal quantifier ('for all'). ` A. x ph ` is read " ` ph ` (phi) is true for all ` x ` ." Typically, in its final application ` ph ` would be replaced with a wff containing a (free) occurrence of the variable ` x ` , for example ` x = y ` . In a universe $)
wal $a wff A. x ph $.
$( This syntax construction states that a variable ` x ` , which has been declared to be a setvar variable by $f statement vx, is also a class expression. This can be justified informally as follows. We know that the class builder ` { y | y e. x } ` is a class by ~ cab . Since (when ` y ` is distinct $)
cv $a class x $.
$( Extend wff definition to include class equality. For a general discussion of the theory of classes, see ~ http://us.metamath.org/mpeuni/mmset.html#class . (The purpose of introducing ` wff A = B ` here, and not in set theory where it belongs, is to allow us to express i.e. "prove" the ~ weq of $)
wceq $a wff A = B $.
$( ` T. ` is a wff. $)
wtru $a wff T. $.
$( ` F. ` is a wff. $)
wfal $a wff F. $.
${
  stoic3.e1 $e |- ( ( ph /\ ps ) -> ch ) $.
  stoic3.e2 $e |- ( ( ch /\ th ) -> ta ) $.
  $( Stoic logic Thema 3. Statement T3 of [Bobzien] p. 116-117 discusses Stoic logic Thema 3. "When from two (assemblies) a third follows, and from the one that follows (i.e., the third) together with another, external assumption, another follows, then other follows from the first two and the externally $)
  stoic3 $a |- ( ( ph /\ ps /\ th ) -> ta ) $.
$}
$( Extend wff definition to include the existential quantifier ("there exists"). $)
wex $a wff E. x ph $.
$( Define existential quantification. ` E. x ph ` means "there exists at least one set ` x ` such that ` ph ` is true." Definition of [Margaris] p. 49. (Contributed by NM, 10-Jan-1993.) $)
df-ex $a |- ( E. x ph <-> -. A. x -. ph ) $.
$( A utility theorem. An interesting case is when the same formula is substituted for both ` ph ` and ` ps ` , since then both implications express a type of non-freeness. See also ~ alimex . (Contributed by BJ, 12-May-2019.) $)
eximal $a |- ( ( E. x ph -> ps ) <-> ( -. ps -> A. x -. ph ) ) $.
$( Extend wff definition to include the not-free predicate. $)
wnf $a wff F/ x ph $.
${
  nfi.e1 $e |- ( ph -> A. x ph ) $.
  $( Deduce that ` x ` is not free in ` ph ` from the definition. (Contributed by Mario Carneiro, 11-Aug-2016.) $)
  nfi $a |- F/ x ph $.
$}
${
  hbth.e1 $e |- ph $.
  $( No variable is (effectively) free in a theorem. This and later "hypothesis-building" lemmas, with labels starting "hb...", allow us to construct proofs of formulas of the form ` |- ( ph -> A. x ph ) ` from smaller formulas of this form. These are useful for constructing hypotheses that state " ` x $)
  hbth $a |- ( ph -> A. x ph ) $.
$}
${
  nfth.e1 $e |- ph $.
  $( No variable is (effectively) free in a theorem. (Contributed by Mario Carneiro, 11-Aug-2016.) $)
  nfth $a |- F/ x ph $.
$}
${
  nfnth.e1 $e |- -. ph $.
  $( No variable is (effectively) free in a non-theorem. (Contributed by Mario Carneiro, 6-Dec-2016.) $)
  nfnth $a |- F/ x ph $.
$}
$( Restatement of Axiom ~ ax-4 , for labeling consistency. It should be the only theorem using ~ ax-4 . (Contributed by NM, 10-Jan-1993.) $)
alim $a |- ( A. x ( ph -> ps ) -> ( A. x ph -> A. x ps ) ) $.
${
  alimi.e1 $e |- ( ph -> ps ) $.
  $( Inference quantifying both antecedent and consequent. (Contributed by NM, 5-Jan-1993.) $)
  alimi $a |- ( A. x ph -> A. x ps ) $.
$}
${
  al2imi.e1 $e |- ( ph -> ( ps -> ch ) ) $.
  $( Inference quantifying antecedent, nested antecedent, and consequent. (Contributed by NM, 10-Jan-1993.) $)
  al2imi $a |- ( A. x ph -> ( A. x ps -> A. x ch ) ) $.
$}
$( Theorem 19.15 of [Margaris] p. 90. (Contributed by NM, 24-Jan-1993.) $)
albi $a |- ( A. x ( ph <-> ps ) -> ( A. x ph <-> A. x ps ) ) $.
${
  alrimih.e1 $e |- ( ph -> A. x ph ) $.
  alrimih.e2 $e |- ( ph -> ps ) $.
  $( Inference form of Theorem 19.21 of [Margaris] p. 90. See ~ 19.21 and ~ 19.21h . (Contributed by NM, 9-Jan-1993.) $)
  alrimih $a |- ( ph -> A. x ps ) $.
$}
${
  nfxfr.e1 $e |- ( ph <-> ps ) $.
  nfxfr.e2 $e |- F/ x ps $.
  $( A utility lemma to transfer a bound-variable hypothesis builder into a definition. (Contributed by Mario Carneiro, 11-Aug-2016.) $)
  nfxfr $a |- F/ x ph $.
$}
${
  nfxfrd.e1 $e |- ( ph <-> ps ) $.
  nfxfrd.e2 $e |- ( ch -> F/ x ps ) $.
  $( A utility lemma to transfer a bound-variable hypothesis builder into a definition. (Contributed by Mario Carneiro, 24-Sep-2016.) $)
  nfxfrd $a |- ( ch -> F/ x ph ) $.
$}
$( Theorem 19.6 of [Margaris] p. 89. (Contributed by NM, 12-Mar-1993.) $)
alex $a |- ( A. x ph <-> -. E. x -. ph ) $.
$( Theorem 19.14 of [Margaris] p. 90. (Contributed by NM, 12-Mar-1993.) $)
exnal $a |- ( E. x -. ph <-> -. A. x ph ) $.
${
  aleximi.e1 $e |- ( ph -> ( ps -> ch ) ) $.
  $( A variant of ~ al2imi : instead of applying ` A. x ` quantifiers to the final implication, replace them with ` E. x ` . A shorter proof is possible using ~ nfa1 , ~ sps and ~ eximd , but it depends on more axioms. (Contributed by Wolf Lammen, 18-Aug-2019.) $)
  aleximi $a |- ( A. x ph -> ( E. x ps -> E. x ch ) ) $.
$}
${
  alexbii.e1 $e |- ( ph -> ( ps <-> ch ) ) $.
  $( Biconditional form of ~ aleximi . (Contributed by BJ, 16-Nov-2020.) $)
  alexbii $p |- ( A. x ph -> ( E. x ps <-> E. x ch ) ) $= ( wal wex biimpd aleximi biimprd impbid ) ADFBDGCDGABCDABCEHIACBDABCEJIK $.
$}
${
  eximii.e1 $e |- E. x ph $.
  eximii.e2 $e |- ( ph -> ps ) $.
  $( Inference associated with ~ eximi . (Contributed by BJ, 3-Feb-2018.) $)
  eximii $a |- E. x ps $.
$}
${
  exbii.e1 $e |- ( ph <-> ps ) $.
  $( Inference adding existential quantifier to both sides of an equivalence. (Contributed by NM, 24-May-1994.) $)
  exbii $a |- ( E. x ph <-> E. x ps ) $.
$}
$( Commutation of conjunction inside an existential quantifier. (Contributed by NM, 18-Aug-1993.) $)
exancom $a |- ( E. x ( ph /\ ps ) <-> E. x ( ps /\ ph ) ) $.
$( Theorem 19.29 of [Margaris] p. 90. See also ~ 19.29r . (Contributed by NM, 21-Jun-1993.) (Proof shortened by Andrew Salmon, 13-May-2011.) $)
19.29 $a |- ( ( A. x ph /\ E. x ps ) -> E. x ( ph /\ ps ) ) $.
$( Obsolete proof of ~ 19.29r as 12-Nov-2020. (Contributed by NM, 18-Aug-1993.) (Proof modification is discouraged.) (New usage is discouraged.) $)
19.29rOLD $p |- ( ( E. x ph /\ A. x ps ) -> E. x ( ph /\ ps ) ) $= ( wex wal wa 19.29 ancoms exancom sylibr ) ACDZBCEZFBAFCDZABFCDLKMBACGHABCI J $.
${
  19.35i.e1 $e |- E. x ( ph -> ps ) $.
  $( Inference associated with ~ 19.35 . (Contributed by NM, 21-Jun-1993.) $)
  19.35i $a |- ( A. x ph -> E. x ps ) $.
$}
$( Introduce a conjunct in the scope of an existential quantifier. (Contributed by NM, 11-Aug-1993.) $)
exintr $a |- ( A. x ( ph -> ps ) -> ( E. x ph -> E. x ( ph /\ ps ) ) ) $.
${
  $d ph x $.
  $( Axiom of Distinctness. This axiom quantifies a variable over a formula in which it does not occur. Axiom C5 in [Megill] p. 444 (p. 11 of the preprint). Also appears as Axiom B6 (p. 75) of system S2 of [Tarski] p. 77 and Axiom C5-1 of [Monk2] p. 113. (See comments in ~ ax5ALT about the logical $)
  ax-5 $a |- ( ph -> A. x ph ) $.
$}
${
  $d ph x $.
  $( If ` x ` is not present in ` ph ` , then ` x ` is not free in ` ph ` . (Contributed by Mario Carneiro, 11-Aug-2016.) $)
  nfv $a |- F/ x ph $.
$}
${
  $d ps x $.
  $( ~ nfv with antecedent. Useful in proofs of deduction versions of bound-variable hypothesis builders such as ~ nfimd . (Contributed by Mario Carneiro, 6-Oct-2016.) $)
  nfvd $a |- ( ph -> F/ x ps ) $.
$}
${
  $d ph x $.
  alrimiv.e1 $e |- ( ph -> ps ) $.
  $( Inference form of Theorem 19.21 of [Margaris] p. 90. See ~ 19.21 and ~ 19.21v . (Contributed by NM, 21-Jun-1993.) $)
  alrimiv $a |- ( ph -> A. x ps ) $.
$}
${
  $d ps x $.
  exlimiv.e1 $e |- ( ph -> ps ) $.
  $( Inference form of Theorem 19.23 of [Margaris] p. 90, see ~ 19.23 . See ~ exlimi for a more general version requiring more axioms. This inference, along with its many variants such as ~ rexlimdv , is used to implement a metatheorem called "Rule C" that is given in many logic textbooks. See, for $)
  exlimiv $a |- ( E. x ph -> ps ) $.
$}
${
  $d ch x $.
  $d ph x $.
  exlimdv.e1 $e |- ( ph -> ( ps -> ch ) ) $.
  $( Deduction form of Theorem 19.23 of [Margaris] p. 90, see ~ 19.23 . (Contributed by NM, 27-Apr-1994.) Remove dependencies on ~ ax-6 , ~ ax-7 . (Revised by Wolf Lammen, 4-Dec-2017.) $)
  exlimdv $a |- ( ph -> ( E. x ps -> ch ) ) $.
$}
${
  $d ch x $.
  $d ph x $.
  exlimddv.e1 $e |- ( ph -> E. x ps ) $.
  exlimddv.e2 $e |- ( ( ph /\ ps ) -> ch ) $.
  $( Existential elimination rule of natural deduction. (Contributed by Mario Carneiro, 15-Jun-2016.) $)
  exlimddv $a |- ( ph -> ch ) $.
$}
$( Extend wff definition to include atomic formulas using the equality predicate. (Instead of introducing ~ weq as an axiomatic statement, as was done in an older version of this database, we introduce it by "proving" a special case of set theory's more general ~ wceq . This lets us avoid overloading $)
weq $p wff x = y $= ( cv wceq ) ACBCD $.
$( Extend wff definition to include proper substitution (read "the wff that results when ` y ` is properly substituted for ` x ` in wff ` ph ` "). (Contributed by NM, 24-Jan-2006.) $)
wsb $a wff [ y / x ] ph $.
$( A specialization theorem. (Contributed by NM, 29-Jun-1993.) (Proof shortened by Wolf Lammen, 3-May-2018.) $)
spsbe $a |- ( [ y / x ] ph -> E. x ph ) $.
${
  exiftru.e1 $e |- ph $.
  $( Rule of existential generalization, similar to universal generalization ~ ax-gen , but valid only if an individual exists. Its proof requires ~ ax-6 but the equality predicate does not occur in its statement. Some fundamental theorems of predicate logic can be proven from ~ ax-gen , ~ ax-4 and this $)
  exiftru $a |- E. x ph $.
$}
$( Theorem 19.2 of [Margaris] p. 89. This corresponds to the axiom (D) of modal logic. Note: This proof is very different from Margaris' because we only have Tarski's FOL axiom schemes available at this point. See the later ~ 19.2g for a more conventional proof of a more general result, which uses $)
19.2 $p |- ( A. x ph -> E. x ph ) $= ( wi id exiftru 19.35i ) AABAACBADEF $.
${
  $d ph x $.
  $( Version of ~ 19.9 with a dv condition, requiring fewer axioms. Any formula can be existentially quantified using a variable which it does not contain. See also ~ 19.3v . (Contributed by NM, 28-May-1995.) Remove dependency on ~ ax-7 . (Revised by Wolf Lammen, 4-Dec-2017.) $)
  19.9v $a |- ( E. x ph <-> ph ) $.
$}
${
  $d ph x $.
  $( Version of ~ 19.3 with a dv condition, requiring fewer axioms. Any formula can be universally quantified using a variable which it does not contain. See also ~ 19.9v . (Contributed by Anthony Hart, 13-Sep-2011.) Remove dependency on ~ ax-7 . (Revised by Wolf Lammen, 4-Dec-2017.) $)
  19.3v $p |- ( A. x ph <-> ph ) $= ( wal wn wex alex 19.9v con2bii bitr4i ) ABCADZBEZDAABFKAJBGHI $.
$}
${
  $d ps x $.
  19.36iv.e1 $e |- E. x ( ph -> ps ) $.
  $( Inference associated with ~ 19.36v . Version of ~ 19.36i with a dv condition. (Contributed by NM, 5-Aug-1993.) Reduce dependencies on axioms. (Revised by Wolf Lammen, 17-Jan-2020.) $)
  19.36iv $a |- ( A. x ph -> ps ) $.
$}
${
  $d ph x $.
  19.37iv.e1 $e |- E. x ( ph -> ps ) $.
  $( Inference associated with ~ 19.37v . (Contributed by NM, 5-Aug-1993.) $)
  19.37iv $a |- ( ph -> E. x ps ) $.
$}
${
  $d ps x $.
  $( Version of ~ 19.41 with a dv condition, requiring fewer axioms. (Contributed by NM, 21-Jun-1993.) $)
  19.41v $a |- ( E. x ( ph /\ ps ) <-> ( E. x ph /\ ps ) ) $.
$}
${
  $d x y $.
  spimw.e1 $e |- ( -. ps -> A. x -. ps ) $.
  spimw.e2 $e |- ( x = y -> ( ph -> ps ) ) $.
  $( Specialization. Lemma 8 of [KalishMontague] p. 87. Uses only Tarski's FOL axiom schemes. (Contributed by NM, 19-Apr-2017.) (Proof shortened by Wolf Lammen, 7-Aug-2017.) $)
  spimw $a |- ( A. x ph -> ps ) $.
$}
${
  $d ph z $.
  $d ps y $.
  $d x y $.
  $d y z $.
  alcomiw.e1 $e |- ( y = z -> ( ph <-> ps ) ) $.
  $( Weak version of ~ alcom . Uses only Tarski's FOL axiom schemes. (Contributed by NM, 10-Apr-2017.) $)
  alcomiw $a |- ( A. x A. y ph -> A. y A. x ph ) $.
$}
$( Extend wff definition to include the membership connective between classes. For a general discussion of the theory of classes, see ~ http://us.metamath.org/mpeuni/mmset.html#class . (The purpose of introducing ` wff A e. B ` here is to allow us to express i.e. "prove" the ~ wel of predicate $)
wcel $a wff A e. B $.
$( ` x ` is not free in ` E. x ph ` . (Contributed by Mario Carneiro, 11-Aug-2016.) $)
nfe1 $a |- F/ x E. x ph $.
$( Axiom of Quantifier Commutation. This axiom says universal quantifiers can be swapped. Axiom scheme C6' in [Megill] p. 448 (p. 16 of the preprint). Also appears as Lemma 12 of [Monk2] p. 109 and Axiom C5-3 of [Monk2] p. 113. This axiom scheme is logically redundant (see ~ ax11w ) but is used as an $)
ax-11 $a |- ( A. x A. y ph -> A. y A. x ph ) $.
$( Show that the original axiom ~ ax-c7 can be derived from ~ ax-10 and others. See ~ ax10 for the rederivation of ~ ax-10 from ~ ax-c7 . Normally, ~ axc7 should be used rather than ~ ax-c7 , except by theorems specifically studying the latter's properties. (Contributed by NM, 21-May-2008.) $)
axc7 $a |- ( -. A. x -. A. x ph -> ph ) $.
$( The analogue in our predicate calculus of the Brouwer axiom (B) of modal logic S5. (Contributed by NM, 5-Oct-2005.) $)
modal-b $a |- ( ph -> A. x -. A. x -. ph ) $.
${
  spi.e1 $e |- A. x ph $.
  $( Inference rule reversing generalization. (Contributed by NM, 5-Aug-1993.) $)
  spi $a |- ph $.
$}
$( Consequence of the definition of not-free. (Contributed by Mario Carneiro, 26-Sep-2016.) $)
nfr $a |- ( F/ x ph -> ( ph -> A. x ph ) ) $.
${
  nfri.e1 $e |- F/ x ph $.
  $( Consequence of the definition of not-free. (Contributed by Mario Carneiro, 11-Aug-2016.) $)
  nfri $a |- ( ph -> A. x ph ) $.
$}
${
  nfrd.e1 $e |- ( ph -> F/ x ps ) $.
  $( Consequence of the definition of not-free in a context. (Contributed by Mario Carneiro, 11-Aug-2016.) $)
  nfrd $a |- ( ph -> ( ps -> A. x ps ) ) $.
$}
${
  alrimi.e1 $e |- F/ x ph $.
  alrimi.e2 $e |- ( ph -> ps ) $.
  $( Inference form of Theorem 19.21 of [Margaris] p. 90, see ~ 19.21 . (Contributed by Mario Carneiro, 24-Sep-2016.) $)
  alrimi $a |- ( ph -> A. x ps ) $.
$}
$( A closed version of ~ 19.9 . (Contributed by NM, 13-May-1993.) (Revised by Mario Carneiro, 24-Sep-2016.) (Proof shortened by Wolf Lammen, 30-Dec-2017.) (Proof shortened by Wolf Lammen, 14-Jul-2020.) $)
19.9t $a |- ( F/ x ph -> ( E. x ph <-> ph ) ) $.
$( ` x ` is not free in ` F/ x ph ` . (Contributed by Mario Carneiro, 11-Aug-2016.) $)
nfnf1 $a |- F/ x F/ x ph $.
$( If ` x ` is not free in ` ph ` , then it is not free in ` -. ph ` . (Contributed by Mario Carneiro, 24-Sep-2016.) (Proof shortened by Wolf Lammen, 28-Dec-2017.) (Revised by BJ, 24-Jul-2019.) $)
nfnt $a |- ( F/ x ph -> F/ x -. ph ) $.
${
  exlimi.e1 $e |- F/ x ps $.
  exlimi.e2 $e |- ( ph -> ps ) $.
  $( Inference associated with ~ 19.23 . See ~ exlimiv for a version with a dv condition requiring fewer axioms. (Contributed by NM, 10-Jan-1993.) (Revised by Mario Carneiro, 24-Sep-2016.) $)
  exlimi $a |- ( E. x ph -> ps ) $.
$}
${
  nfdi.e1 $e |- ( ph -> F/ x ph ) $.
  $( Since the converse holds by ~ a1i , this inference shows that we can represent a not-free hypothesis with either ` F/ x ph ` (inference form) or ` ( ph -> F/ x ph ) ` (deduction form). (Contributed by NM, 17-Aug-2018.) (Proof shortened by Wolf Lammen, 10-Jul-2019.) $)
  nfdi $p |- F/ x ph $= ( wal nfrd pm2.43i nfi ) ABAABDAABCEFG $.
$}
${
  nfan.e1 $e |- F/ x ph $.
  nfan.e2 $e |- F/ x ps $.
  $( If ` x ` is not free in ` ph ` and ` ps ` , it is not free in ` ( ph /\ ps ) ` . (Contributed by Mario Carneiro, 11-Aug-2016.) (Proof shortened by Wolf Lammen, 13-Jan-2018.) $)
  nfan $a |- F/ x ( ph /\ ps ) $.
$}
${
  hbex.e1 $e |- ( ph -> A. x ph ) $.
  $( If ` x ` is not free in ` ph ` , it is not free in ` E. y ph ` . (Contributed by NM, 12-Mar-1993.) $)
  hbex $a |- ( E. y ph -> A. x E. y ph ) $.
$}
${
  nfex.e1 $e |- F/ x ph $.
  $( If ` x ` is not free in ` ph ` , it is not free in ` E. y ph ` . (Contributed by Mario Carneiro, 11-Aug-2016.) (Proof shortened by Wolf Lammen, 30-Dec-2017.) $)
  nfex $p |- F/ x E. y ph $= ( wex nfri hbex nfi ) ACEBABCABDFGH $.
$}
$( An alternate definition of ~ df-nf , which does not involve nested quantifiers on the same variable. (Contributed by Mario Carneiro, 24-Sep-2016.) $)
nf2 $a |- ( F/ x ph <-> ( E. x ph -> A. x ph ) ) $.
${
  19.36i.e1 $e |- F/ x ps $.
  19.36i.e2 $e |- E. x ( ph -> ps ) $.
  $( Inference associated with ~ 19.36 . See ~ 19.36iv for a version requiring fewer axioms. (Contributed by NM, 24-Jun-1993.) $)
  19.36i $a |- ( A. x ph -> ps ) $.
$}
${
  19.41.e1 $e |- F/ x ps $.
  $( Theorem 19.41 of [Margaris] p. 90. See ~ 19.41v for a version requiring fewer axioms. (Contributed by NM, 14-May-1993.) (Proof shortened by Andrew Salmon, 25-May-2011.) (Proof shortened by Wolf Lammen, 12-Jan-2018.) $)
  19.41 $a |- ( E. x ( ph /\ ps ) <-> ( E. x ph /\ ps ) ) $.
$}
${
  exan.e1 $e |- ( E. x ph /\ ps ) $.
  $( Place a conjunct in the scope of an existential quantifier. (Contributed by NM, 18-Aug-1993.) (Proof shortened by Andrew Salmon, 25-May-2011.) (Proof shortened by Wolf Lammen, 13-Jan-2018.) $)
  exan $p |- E. x ( ph /\ ps ) $= ( wa wex simpri nfth 19.41 mpbir ) ABECFACFZBEDABCBCKBDGHIJ $.
$}
${
  $d x z $.
  $( A version of ~ ax13v with one distinct variable restriction dropped. For convenience, ` y ` is kept on the right side of equations. The proof of ~ ax13 bases on ideas from NM, 24-Dec-2015. (Contributed by Wolf Lammen, 8-Sep-2018.) (New usage is discouraged.) $)
  axc9lem1 $a |- ( -. x = y -> ( z = y -> A. x z = y ) ) $.
$}
${
  $d ps x $.
  spimv.e1 $e |- ( x = y -> ( ph -> ps ) ) $.
  $( A version of ~ spim with a distinct variable requirement instead of a bound variable hypothesis. See also ~ spimv1 and ~ spimvw . See also ~ spimvALT . (Contributed by NM, 31-Jul-1993.) Removed dependency on ~ ax-10 . (Revised by BJ, 29-Nov-2020.) $)
  spimv $a |- ( A. x ph -> ps ) $.
$}
${
  $d ps x $.
  spv.e1 $e |- ( x = y -> ( ph <-> ps ) ) $.
  $( Specialization, using implicit substitution. (Contributed by NM, 30-Aug-1993.) $)
  spv $a |- ( A. x ph -> ps ) $.
$}
${
  spei.e1 $e |- ( x = y -> ( ph <-> ps ) ) $.
  spei.e2 $e |- ps $.
  $( Inference from existential specialization, using implicit substitution. Remove a distinct variable constraint. (Contributed by NM, 19-Aug-1993.) (Proof shortened by Wolf Lammen, 12-May-2018.) $)
  spei $a |- E. x ph $.
$}
${
  $d x z $.
  $( Lemma for ~ nfeqf2 . This lemma is equivalent to ~ ax13v with one distinct variable constraint removed. (Contributed by Wolf Lammen, 8-Sep-2018.) Reduce axiom usage. (Revised by Wolf Lammen, 18-Oct-2020.) (New usage is discouraged.) $)
  axc9lem2 $a |- ( -. x = y -> ( E. x z = y -> z = y ) ) $.
$}
${
  $d x z $.
  $( An equation between setvar is free of any other setvar. (Contributed by Wolf Lammen, 9-Jun-2019.) $)
  nfeqf2 $p |- ( -. A. x x = y -> F/ x z = y ) $= ( weq wal wn wex wnf exnal nfnf1 axc9lem2 axc9lem1 syld nf2 sylibr exlimi wi sylbir ) ABDZAEFSFZAGCBDZAHZSAITUBAUAAJTUAAGZUAAEZQUBTUCUAUDABCKABCLMU AANOPR $.
$}
$( The specialization axiom of standard predicate calculus. It states that if a statement ` ph ` holds for all ` x ` , then it also holds for the specific case of ` y ` (properly) substituted for ` x ` . Translated to traditional notation, it can be read: " ` A. x ph ( x ) -> ph ( y ) ` , provided $)
stdpc4 $a |- ( A. x ph -> [ y / x ] ph ) $.
$( Substitution has no effect on a non-free variable. (Contributed by NM, 30-May-2009.) (Revised by Mario Carneiro, 12-Oct-2016.) (Proof shortened by Wolf Lammen, 3-May-2018.) $)
sbft $p |- ( F/ x ph -> ( [ y / x ] ph <-> ph ) ) $= ( wnf wsb wex spsbe 19.9t syl5ib wal nfr stdpc4 syl6 impbid ) ABDZABCEZAPAB FOAABCGABHIOAABJPABKABCLMN $.
$( Equivalence inside and outside of a substitution are equivalent. (Contributed by NM, 14-May-1993.) $)
sbbi $a |- ( [ y / x ] ( ph <-> ps ) <-> ( [ y / x ] ph <-> [ y / x ] ps ) ) $.
${
  sblbis.e1 $e |- ( [ y / x ] ph <-> ps ) $.
  $( Introduce left biconditional inside of a substitution. (Contributed by NM, 19-Aug-1993.) $)
  sblbis $p |- ( [ y / x ] ( ch <-> ph ) <-> ( [ y / x ] ch <-> ps ) ) $= ( wb wsb sbbi bibi2i bitri ) CAGDEHCDEHZADEHZGLBGCADEIMBLFJK $.
$}
$( Extend wff definition to include existential uniqueness ("there exists a unique ` x ` such that ` ph ` "). $)
weu $a wff E! x ph $.
$( Extend wff definition to include uniqueness ("there exists at most one ` x ` such that ` ph ` "). $)
wmo $a wff E* x ph $.
$( Bound-variable hypothesis builder for uniqueness. (Contributed by NM, 9-Jul-1994.) (Revised by Mario Carneiro, 7-Oct-2016.) $)
nfeu1 $a |- F/ x E! x ph $.
$( Bound-variable hypothesis builder for "at most one." (Contributed by NM, 8-Mar-1995.) (Revised by Mario Carneiro, 7-Oct-2016.) $)
nfmo1 $a |- F/ x E* x ph $.
$( Existential uniqueness implies existence. For a shorter proof using more axioms, see ~ euexALT . (Contributed by NM, 15-Sep-1993.) (Proof shortened by Andrew Salmon, 9-Jul-2011.) (Proof shortened by Wolf Lammen, 4-Dec-2018.) $)
euex $a |- ( E! x ph -> E. x ph ) $.
$( Existential uniqueness "picks" a variable value for which another wff is true. If there is only one thing ` x ` such that ` ph ` is true, and there is also an ` x ` (actually the same one) such that ` ph ` and ` ps ` are both true, then ` ph ` implies ` ps ` regardless of ` x ` . This theorem can $)
eupick $a |- ( ( E! x ph /\ E. x ( ph /\ ps ) ) -> ( ph -> ps ) ) $.
$( Version of ~ eupick with closed formulas. (Contributed by NM, 6-Sep-2008.) $)
eupicka $p |- ( ( E! x ph /\ E. x ( ph /\ ps ) ) -> A. x ( ph -> ps ) ) $= ( weu wa wex wi nfeu1 nfe1 nfan eupick alrimi ) ACDZABEZCFZEABGCMOCACHNCIJA BCKL $.
$( Theorem *14.26 in [WhiteheadRussell] p. 192. (Contributed by Andrew Salmon, 11-Jul-2011.) (Proof shortened by Wolf Lammen, 27-Dec-2018.) $)
eupickbi $p |- ( E! x ph -> ( E. x ( ph /\ ps ) <-> A. x ( ph -> ps ) ) ) $= ( weu wa wex wi wal eupicka ex euex exintr syl5com impbid ) ACDZABECFZABGCH ZOPQABCIJOACFQPACKABCLMN $.
${
  barbara.e1 $e |- A. x ( ph -> ps ) $.
  barbara.e2 $e |- A. x ( ch -> ph ) $.
  $( "Barbara", one of the fundamental syllogisms of Aristotelian logic. All ` ph ` is ` ps ` , and all ` ch ` is ` ph ` , therefore all ` ch ` is ` ps ` . (In Aristotelian notation, AAA-1: MaP and SaM therefore SaP.) For example, given "All men are mortal" and "Socrates is a man", we can prove $)
  barbara $a |- A. x ( ch -> ps ) $.
$}
${
  barbari.e1 $e |- A. x ( ph -> ps ) $.
  barbari.e2 $e |- A. x ( ch -> ph ) $.
  barbari.e3 $e |- E. x ch $.
  $( "Barbari", one of the syllogisms of Aristotelian logic. All ` ph ` is ` ps ` , all ` ch ` is ` ph ` , and some ` ch ` exist, therefore some ` ch ` is ` ps ` . (In Aristotelian notation, AAI-1: MaP and SaM therefore SiP.) For example, given "All men are mortal", "All Greeks are men", and "Greeks $)
  barbari $p |- E. x ( ch /\ ps ) $= ( wa wi barbara spi ancli eximii ) CCBHDGCBCBIDABCDEFJKLM $.
$}
$( Introduce the class builder or class abstraction notation ("the class of sets ` x ` such that ` ph ` is true"). Our class variables ` A ` , ` B ` , etc. range over class builders (implicitly in the case of defined class terms such as ~ df-nul ). Note that a setvar variable can be expressed as a $)
cab $a class { x | ph } $.
${
  $d A x $.
  $d B x $.
  eqriv.e1 $e |- ( x e. A <-> x e. B ) $.
  $( Infer equality of classes from equivalence of membership. (Contributed by NM, 21-Jun-1993.) $)
  eqriv $a |- A = B $.
$}
${
  $d A x $.
  $d B x $.
  $d ph x $.
  eqrdv.e1 $e |- ( ph -> ( x e. A <-> x e. B ) ) $.
  $( Deduce equality of classes from equivalence of membership. (Contributed by NM, 17-Mar-1996.) $)
  eqrdv $a |- ( ph -> A = B ) $.
$}
$( Law of identity (reflexivity of class equality). Theorem 6.4 of [Quine] p. 41. This is part of Frege's eighth axiom per Proposition 54 of [Frege1879] p. 50; see also ~ biid . This law is thought to have originated with Aristotle (_Metaphysics_, Zeta, 17, 1041 a, 10-20). (Thanks to Stefan Allan and $)
eqid $a |- A = A $.
${
  eqcomd.e1 $e |- ( ph -> A = B ) $.
  $( Deduction from commutative law for class equality. (Contributed by NM, 15-Aug-1994.) Allow shortening of ~ eqcom . (Revised by Wolf Lammen, 19-Nov-2019.) $)
  eqcomd $a |- ( ph -> B = A ) $.
$}
${
  eqcoms.e1 $e |- ( A = B -> ph ) $.
  $( Inference applying commutative law for class equality to an antecedent. (Contributed by NM, 24-Jun-1993.) $)
  eqcoms $a |- ( B = A -> ph ) $.
$}
${
  eqeq12d.e1 $e |- ( ph -> A = B ) $.
  eqeq12d.e2 $e |- ( ph -> C = D ) $.
  $( A useful inference for substituting definitions into an equality. (Contributed by NM, 5-Aug-1993.) (Proof shortened by Andrew Salmon, 25-May-2011.) $)
  eqeq12d $a |- ( ph -> ( A = C <-> B = D ) ) $.
$}
${
  eqeqan12d.e1 $e |- ( ph -> A = B ) $.
  eqeqan12d.e2 $e |- ( ps -> C = D ) $.
  $( A useful inference for substituting definitions into an equality. See also ~ eqeqan12dALT . (Contributed by NM, 9-Aug-1994.) (Proof shortened by Andrew Salmon, 25-May-2011.) (Proof shortened by Wolf Lammen, 20-Nov-2019.) $)
  eqeqan12d $p |- ( ( ph /\ ps ) -> ( A = C <-> B = D ) ) $= ( wa wceq adantr adantl eqeq12d ) ABICDEFACDJBGKBEFJAHLM $.
$}
${
  eqtri.e1 $e |- A = B $.
  eqtri.e2 $e |- B = C $.
  $( An equality transitivity inference. (Contributed by NM, 26-May-1993.) $)
  eqtri $a |- A = C $.
$}
${
  eqtr2i.e1 $e |- A = B $.
  eqtr2i.e2 $e |- B = C $.
  $( An equality transitivity inference. (Contributed by NM, 21-Feb-1995.) $)
  eqtr2i $a |- C = A $.
$}
${
  eqtr3i.e1 $e |- A = B $.
  eqtr3i.e2 $e |- A = C $.
  $( An equality transitivity inference. (Contributed by NM, 6-May-1994.) $)
  eqtr3i $a |- B = C $.
$}
${
  3eqtri.e1 $e |- A = B $.
  3eqtri.e2 $e |- B = C $.
  3eqtri.e3 $e |- C = D $.
  $( An inference from three chained equalities. (Contributed by NM, 29-Aug-1993.) $)
  3eqtri $a |- A = D $.
$}
${
  3eqtr3i.e1 $e |- A = B $.
  3eqtr3i.e2 $e |- A = C $.
  3eqtr3i.e3 $e |- B = D $.
  $( An inference from three chained equalities. (Contributed by NM, 6-May-1994.) (Proof shortened by Andrew Salmon, 25-May-2011.) $)
  3eqtr3i $a |- C = D $.
$}
${
  3eqtr4i.e1 $e |- A = B $.
  3eqtr4i.e2 $e |- C = A $.
  3eqtr4i.e3 $e |- D = B $.
  $( An inference from three chained equalities. (Contributed by NM, 26-May-1993.) (Proof shortened by Andrew Salmon, 25-May-2011.) $)
  3eqtr4i $a |- C = D $.
$}
${
  eqtrd.e1 $e |- ( ph -> A = B ) $.
  eqtrd.e2 $e |- ( ph -> B = C ) $.
  $( An equality transitivity deduction. (Contributed by NM, 21-Jun-1993.) $)
  eqtrd $a |- ( ph -> A = C ) $.
$}
${
  eqtr4d.e1 $e |- ( ph -> A = B ) $.
  eqtr4d.e2 $e |- ( ph -> C = B ) $.
  $( An equality transitivity equality deduction. (Contributed by NM, 18-Jul-1995.) $)
  eqtr4d $a |- ( ph -> A = C ) $.
$}
${
  3eqtrd.e1 $e |- ( ph -> A = B ) $.
  3eqtrd.e2 $e |- ( ph -> B = C ) $.
  3eqtrd.e3 $e |- ( ph -> C = D ) $.
  $( A deduction from three chained equalities. (Contributed by NM, 29-Oct-1995.) $)
  3eqtrd $a |- ( ph -> A = D ) $.
$}
${
  3eqtr4d.e1 $e |- ( ph -> A = B ) $.
  3eqtr4d.e2 $e |- ( ph -> C = A ) $.
  3eqtr4d.e3 $e |- ( ph -> D = B ) $.
  $( A deduction from three chained equalities. (Contributed by NM, 4-Aug-1995.) (Proof shortened by Andrew Salmon, 25-May-2011.) $)
  3eqtr4d $a |- ( ph -> C = D ) $.
$}
${
  syl6eq.e1 $e |- ( ph -> A = B ) $.
  syl6eq.e2 $e |- B = C $.
  $( An equality transitivity deduction. (Contributed by NM, 21-Jun-1993.) $)
  syl6eq $a |- ( ph -> A = C ) $.
$}
${
  sylan9eq.e1 $e |- ( ph -> A = B ) $.
  sylan9eq.e2 $e |- ( ps -> B = C ) $.
  $( An equality transitivity deduction. (Contributed by NM, 8-May-1994.) (Proof shortened by Andrew Salmon, 25-May-2011.) $)
  sylan9eq $a |- ( ( ph /\ ps ) -> A = C ) $.
$}
${
  sylan9eqr.e1 $e |- ( ph -> A = B ) $.
  sylan9eqr.e2 $e |- ( ps -> B = C ) $.
  $( An equality transitivity deduction. (Contributed by NM, 8-May-1994.) $)
  sylan9eqr $a |- ( ( ps /\ ph ) -> A = C ) $.
$}
${
  3eqtr4g.e1 $e |- ( ph -> A = B ) $.
  3eqtr4g.e2 $e |- C = A $.
  3eqtr4g.e3 $e |- D = B $.
  $( A chained equality inference, useful for converting to definitions. (Contributed by NM, 21-Jun-1993.) $)
  3eqtr4g $a |- ( ph -> C = D ) $.
$}
${
  eleq1d.e1 $e |- ( ph -> A = B ) $.
  $( Deduction from equality to equivalence of membership. (Contributed by NM, 21-Jun-1993.) Allow shortening of ~ eleq1 . (Revised by Wolf Lammen, 20-Nov-2019.) $)
  eleq1d $a |- ( ph -> ( A e. C <-> B e. C ) ) $.
$}
${
  eleq2d.e1 $e |- ( ph -> A = B ) $.
  $( Deduction from equality to equivalence of membership. (Contributed by NM, 27-Dec-1993.) Reduce dependencies on axioms. (Revised by Wolf Lammen, 5-Dec-2019.) $)
  eleq2d $a |- ( ph -> ( C e. A <-> C e. B ) ) $.
$}
$( Equality implies equivalence of membership. (Contributed by NM, 26-May-1993.) (Proof shortened by Wolf Lammen, 20-Nov-2019.) $)
eleq1 $a |- ( A = B -> ( A e. C <-> B e. C ) ) $.
$( Equality implies equivalence of membership. (Contributed by NM, 26-May-1993.) (Proof shortened by Wolf Lammen, 20-Nov-2019.) $)
eleq2 $a |- ( A = B -> ( C e. A <-> C e. B ) ) $.
${
  eleq1i.e1 $e |- A = B $.
  $( Inference from equality to equivalence of membership. (Contributed by NM, 21-Jun-1993.) $)
  eleq1i $a |- ( A e. C <-> B e. C ) $.
$}
${
  eleq2i.e1 $e |- A = B $.
  $( Inference from equality to equivalence of membership. (Contributed by NM, 26-May-1993.) $)
  eleq2i $a |- ( C e. A <-> C e. B ) $.
$}
${
  eqeltri.e1 $e |- A = B $.
  eqeltri.e2 $e |- B e. C $.
  $( Substitution of equal classes into membership relation. (Contributed by NM, 21-Jun-1993.) $)
  eqeltri $a |- A e. C $.
$}
${
  eqeltrri.e1 $e |- A = B $.
  eqeltrri.e2 $e |- A e. C $.
  $( Substitution of equal classes into membership relation. (Contributed by NM, 21-Jun-1993.) $)
  eqeltrri $a |- B e. C $.
$}
${
  eqeltrd.e1 $e |- ( ph -> A = B ) $.
  eqeltrd.e2 $e |- ( ph -> B e. C ) $.
  $( Substitution of equal classes into membership relation, deduction form. (Contributed by Raph Levien, 10-Dec-2002.) $)
  eqeltrd $a |- ( ph -> A e. C ) $.
$}
${
  eqeltrrd.e1 $e |- ( ph -> A = B ) $.
  eqeltrrd.e2 $e |- ( ph -> A e. C ) $.
  $( Deduction that substitutes equal classes into membership. (Contributed by NM, 14-Dec-2004.) $)
  eqeltrrd $a |- ( ph -> B e. C ) $.
$}
${
  eleqtrrd.e1 $e |- ( ph -> A e. B ) $.
  eleqtrrd.e2 $e |- ( ph -> C = B ) $.
  $( Deduction that substitutes equal classes into membership. (Contributed by NM, 14-Dec-2004.) $)
  eleqtrrd $a |- ( ph -> A e. C ) $.
$}
${
  syl5eqel.e1 $e |- A = B $.
  syl5eqel.e2 $e |- ( ph -> B e. C ) $.
  $( A membership and equality inference. (Contributed by NM, 4-Jan-2006.) $)
  syl5eqel $a |- ( ph -> A e. C ) $.
$}
${
  syl6eleq.e1 $e |- ( ph -> A e. B ) $.
  syl6eleq.e2 $e |- B = C $.
  $( A membership and equality inference. (Contributed by NM, 4-Jan-2006.) $)
  syl6eleq $a |- ( ph -> A e. C ) $.
$}
${
  eleq2s.e1 $e |- ( A e. B -> ph ) $.
  eleq2s.e2 $e |- C = B $.
  $( Substitution of equal classes into a membership antecedent. (Contributed by Jonathan Ben-Naim, 3-Jun-2011.) $)
  eleq2s $a |- ( A e. C -> ph ) $.
$}
$( Extend wff definition to include the not-free predicate for classes. $)
wnfc $a wff F/_ x A $.
${
  $d A x $.
  $( If ` x ` is disjoint from ` A ` , then ` x ` is not free in ` A ` . (Contributed by Mario Carneiro, 11-Aug-2016.) $)
  nfcv $a |- F/_ x A $.
$}
$( Extend wff notation to include inequality. $)
wne $a wff A =/= B $.
${
  necon3abid.e1 $e |- ( ph -> ( A = B <-> ps ) ) $.
  $( Deduction from equality to inequality. (Contributed by NM, 21-Mar-2007.) $)
  necon3abid $a |- ( ph -> ( A =/= B <-> -. ps ) ) $.
$}
${
  necon3bid.e1 $e |- ( ph -> ( A = B <-> C = D ) ) $.
  $( Deduction from equality to inequality. (Contributed by NM, 23-Feb-2005.) (Proof shortened by Andrew Salmon, 25-May-2011.) $)
  necon3bid $a |- ( ph -> ( A =/= B <-> C =/= D ) ) $.
$}
$( A De Morgan's law for inequality. (Contributed by NM, 18-May-2007.) $)
neanior $a |- ( ( A =/= B /\ C =/= D ) <-> -. ( A = B \/ C = D ) ) $.
$( Extend wff notation to include restricted universal quantification. $)
wral $a wff A. x e. A ph $.
$( Extend wff notation to include restricted existential quantification. $)
wrex $a wff E. x e. A ph $.
$( Extend wff notation to include restricted "at most one." $)
wrmo $a wff E* x e. A ph $.
$( Extend class notation to include the restricted class abstraction (class builder). $)
crab $a class { x e. A | ph } $.
$( Define restricted "at most one". (Contributed by NM, 16-Jun-2017.) $)
df-rmo $a |- ( E* x e. A ph <-> E* x ( x e. A /\ ph ) ) $.
${
  mprgbir.e1 $e |- ( ph <-> A. x e. A ps ) $.
  mprgbir.e2 $e |- ( x e. A -> ps ) $.
  $( Modus ponens on biconditional combined with restricted generalization. (Contributed by NM, 21-Mar-2004.) $)
  mprgbir $a |- ph $.
$}
${
  $d ch x $.
  $d ph x $.
  rexlimddv.e1 $e |- ( ph -> E. x e. A ps ) $.
  rexlimddv.e2 $e |- ( ( ph /\ ( x e. A /\ ps ) ) -> ch ) $.
  $( Restricted existential elimination rule of natural deduction. (Contributed by Mario Carneiro, 15-Jun-2016.) $)
  rexlimddv $a |- ( ph -> ch ) $.
$}
${
  $d ch x $.
  r19.29af.e1 $e |- F/ x ph $.
  r19.29af.e2 $e |- ( ( ( ph /\ x e. A ) /\ ps ) -> ch ) $.
  r19.29af.e3 $e |- ( ph -> E. x e. A ps ) $.
  $( A commonly used pattern based on ~ r19.29 . (Contributed by Thierry Arnoux, 29-Nov-2017.) $)
  r19.29af $a |- ( ph -> ch ) $.
$}
${
  $d ch x $.
  $d ph x $.
  r19.29a.e1 $e |- ( ( ( ph /\ x e. A ) /\ ps ) -> ch ) $.
  r19.29a.e2 $e |- ( ph -> E. x e. A ps ) $.
  $( A commonly used pattern based on ~ r19.29 . (Contributed by Thierry Arnoux, 22-Nov-2017.) $)
  r19.29a $a |- ( ph -> ch ) $.
$}
${
  $d A y $.
  $d ch x $.
  $d ch y $.
  $d ph x $.
  $d ph y $.
  $d x y $.
  r19.29vva.e1 $e |- ( ( ( ( ph /\ x e. A ) /\ y e. B ) /\ ps ) -> ch ) $.
  r19.29vva.e2 $e |- ( ph -> E. x e. A E. y e. B ps ) $.
  $( A commonly used pattern based on ~ r19.29 , version with two restricted quantifiers. (Contributed by Thierry Arnoux, 26-Nov-2017.) $)
  r19.29vva $a |- ( ph -> ch ) $.
$}
$( ` x ` is not free in ` E* x e. A ph ` . (Contributed by NM, 16-Jun-2017.) $)
nfrmo1 $p |- F/ x E* x e. A ph $= ( wrmo cv wcel wa wmo df-rmo nfmo1 nfxfr ) ABCDBECFAGZBHBABCILBJK $.
$( Extend class notation to include the universal class symbol. $)
cvv $a class _V $.
$( All setvar variables are sets (see ~ isset ). Theorem 6.8 of [Quine] p. 43. (Contributed by NM, 26-May-1993.) $)
vex $a |- x e. _V $.
${
  $d A x $.
  $d ch x $.
  $d ph x $.
  vtocld.e1 $e |- ( ph -> A e. V ) $.
  vtocld.e2 $e |- ( ( ph /\ x = A ) -> ( ps <-> ch ) ) $.
  vtocld.e3 $e |- ( ph -> ps ) $.
  $( Implicit substitution of a class for a setvar variable. (Contributed by Mario Carneiro, 15-Oct-2016.) $)
  vtocld $a |- ( ph -> ch ) $.
$}
${
  $d A x $.
  vtoclg1f.e1 $e |- F/ x ps $.
  vtoclg1f.e2 $e |- ( x = A -> ( ph <-> ps ) ) $.
  vtoclg1f.e3 $e |- ph $.
  $( Version of ~ vtoclgf with one non-freeness hypothesis replaced with a dv condition, thus avoiding dependency on ~ ax-11 and ~ ax-13 . (Contributed by BJ, 1-May-2019.) $)
  vtoclg1f $a |- ( A e. V -> ps ) $.
$}
${
  $d A x $.
  $d ps x $.
  vtoclg.e1 $e |- ( x = A -> ( ph <-> ps ) ) $.
  vtoclg.e2 $e |- ph $.
  $( Implicit substitution of a class expression for a setvar variable. (Contributed by NM, 17-Apr-1995.) $)
  vtoclg $a |- ( A e. V -> ps ) $.
$}
${
  $d A x $.
  $d ch x $.
  $d th x $.
  vtoclbg.e1 $e |- ( x = A -> ( ph <-> ch ) ) $.
  vtoclbg.e2 $e |- ( x = A -> ( ps <-> th ) ) $.
  vtoclbg.e3 $e |- ( ph <-> ps ) $.
  $( Implicit substitution of a class for a setvar variable. (Contributed by NM, 29-Apr-1994.) $)
  vtoclbg $a |- ( A e. V -> ( ch <-> th ) ) $.
$}
${
  $d A x $.
  $d A y $.
  $d B y $.
  $d ch y $.
  $d ps x $.
  vtocl2g.e1 $e |- ( x = A -> ( ph <-> ps ) ) $.
  vtocl2g.e2 $e |- ( y = B -> ( ps <-> ch ) ) $.
  vtocl2g.e3 $e |- ph $.
  $( Implicit substitution of 2 classes for 2 setvar variables. (Contributed by NM, 25-Apr-1995.) $)
  vtocl2g $a |- ( ( A e. V /\ B e. W ) -> ch ) $.
$}
${
  $d A x $.
  $d B x $.
  $d ps x $.
  vtoclga.e1 $e |- ( x = A -> ( ph <-> ps ) ) $.
  vtoclga.e2 $e |- ( x e. B -> ph ) $.
  $( Implicit substitution of a class for a setvar variable. (Contributed by NM, 20-Aug-1995.) $)
  vtoclga $a |- ( A e. B -> ps ) $.
$}
${
  $d A x $.
  $d ph x $.
  vtocleg.e1 $e |- ( x = A -> ph ) $.
  $( Implicit substitution of a class for a setvar variable. (Contributed by NM, 21-Jun-1993.) $)
  vtocleg $a |- ( A e. V -> ph ) $.
$}
${
  $d A x $.
  $d B x $.
  $d ps x $.
  vtoclri.e1 $e |- ( x = A -> ( ph <-> ps ) ) $.
  vtoclri.e2 $e |- A. x e. B ph $.
  $( Implicit substitution of a class for a setvar variable. (Contributed by NM, 21-Nov-1994.) $)
  vtoclri $a |- ( A e. B -> ps ) $.
$}
${
  $d A x $.
  $d ps x $.
  spcgv.e1 $e |- ( x = A -> ( ph <-> ps ) ) $.
  $( Rule of specialization, using implicit substitution. Compare Theorem 7.3 of [Quine] p. 44. (Contributed by NM, 22-Jun-1994.) $)
  spcgv $a |- ( A e. V -> ( A. x ph -> ps ) ) $.
$}
${
  $d A x $.
  $d ps x $.
  spcev.e1 $e |- A e. _V $.
  spcev.e2 $e |- ( x = A -> ( ph <-> ps ) ) $.
  $( Existential specialization, using implicit substitution. (Contributed by NM, 31-Dec-1993.) (Proof shortened by Eric Schmidt, 22-Dec-2006.) $)
  spcev $a |- ( ps -> E. x ph ) $.
$}
${
  elrabf.e1 $e |- F/_ x A $.
  elrabf.e2 $e |- F/_ x B $.
  elrabf.e3 $e |- F/ x ps $.
  elrabf.e4 $e |- ( x = A -> ( ph <-> ps ) ) $.
  $( Membership in a restricted class abstraction, using implicit substitution. This version has bound-variable hypotheses in place of distinct variable restrictions. (Contributed by NM, 21-Sep-2003.) $)
  elrabf $a |- ( A e. { x e. B | ph } <-> ( A e. B /\ ps ) ) $.
$}
${
  $d A x $.
  $d A y $.
  $d B x $.
  $d B y $.
  $d ps x $.
  $d x y $.
  elrab.e1 $e |- ( x = A -> ( ph <-> ps ) ) $.
  $( Membership in a restricted class abstraction, using implicit substitution. (Contributed by NM, 21-May-1999.) $)
  elrab $p |- ( A e. { x e. B | ph } <-> ( A e. B /\ ps ) ) $= ( nfcv nfv elrabf ) ABCDECDGCEGBCHFI $.
$}
${
  $d A x $.
  $d B x $.
  $d ps x $.
  elrab2.e1 $e |- ( x = A -> ( ph <-> ps ) ) $.
  elrab2.e2 $e |- C = { x e. B | ph } $.
  $( Membership in a class abstraction, using implicit substitution. (Contributed by NM, 2-Nov-2006.) $)
  elrab2 $a |- ( A e. C <-> ( A e. B /\ ps ) ) $.
$}
${
  $d A x $.
  $d B x $.
  $d ph x $.
  nelrdva.e1 $e |- ( ( ph /\ x e. A ) -> x =/= B ) $.
  $( Deduce negative membership from an implication. (Contributed by Thierry Arnoux, 27-Nov-2017.) $)
  nelrdva $a |- ( ph -> -. B e. A ) $.
$}
$( Extend class notation to include class difference (read: " ` A ` minus ` B ` "). $)
cdif $a class ( A \ B ) $.
$( Extend class notation to include union of two classes (read: " ` A ` union ` B ` "). $)
cun $a class ( A u. B ) $.
$( Extend class notation to include the intersection of two classes (read: " ` A ` intersect ` B ` "). $)
cin $a class ( A i^i B ) $.
$( Extend wff notation to include the subclass relation. This is read " ` A ` is a subclass of ` B ` " or " ` B ` includes ` A ` ." When ` A ` exists as a set, it is also read " ` A ` is a subset of ` B ` ." $)
wss $a wff A C_ B $.
${
  sseli.e1 $e |- A C_ B $.
  $( Membership inference from subclass relationship. (Contributed by NM, 5-Aug-1993.) $)
  sseli $a |- ( C e. A -> C e. B ) $.
$}
${
  sseldi.e1 $e |- A C_ B $.
  sseldi.e2 $e |- ( ph -> C e. A ) $.
  $( Membership inference from subclass relationship. (Contributed by NM, 25-Jun-2014.) $)
  sseldi $a |- ( ph -> C e. B ) $.
$}
${
  sseldd.e1 $e |- ( ph -> A C_ B ) $.
  sseldd.e2 $e |- ( ph -> C e. A ) $.
  $( Membership inference from subclass relationship. (Contributed by NM, 14-Dec-2004.) $)
  sseldd $a |- ( ph -> C e. B ) $.
$}
${
  $d A x $.
  $d B x $.
  $d ph x $.
  ssrdv.e1 $e |- ( ph -> ( x e. A -> x e. B ) ) $.
  $( Deduction rule based on subclass definition. (Contributed by NM, 15-Nov-1995.) $)
  ssrdv $a |- ( ph -> A C_ B ) $.
$}
$( Transitivity of subclasses. Exercise 5 of [TakeutiZaring] p. 17. (Contributed by NM, 24-Jun-1993.) (Proof shortened by Andrew Salmon, 14-Jun-2011.) $)
sstr2 $a |- ( A C_ B -> ( B C_ C -> A C_ C ) ) $.
${
  sstrd.e1 $e |- ( ph -> A C_ B ) $.
  sstrd.e2 $e |- ( ph -> B C_ C ) $.
  $( Subclass transitivity deduction. (Contributed by NM, 2-Jun-2004.) $)
  sstrd $a |- ( ph -> A C_ C ) $.
$}
${
  eqssi.e1 $e |- A C_ B $.
  eqssi.e2 $e |- B C_ A $.
  $( Infer equality from two subclass relationships. Compare Theorem 4 of [Suppes] p. 22. (Contributed by NM, 9-Sep-1993.) $)
  eqssi $a |- A = B $.
$}
${
  eqsstri.e1 $e |- A = B $.
  eqsstri.e2 $e |- B C_ C $.
  $( Substitution of equality into a subclass relationship. (Contributed by NM, 16-Jul-1995.) $)
  eqsstri $a |- A C_ C $.
$}
${
  sseqtri.e1 $e |- A C_ B $.
  sseqtri.e2 $e |- B = C $.
  $( Substitution of equality into a subclass relationship. (Contributed by NM, 28-Jul-1995.) $)
  sseqtri $a |- A C_ C $.
$}
${
  sseqtr4i.e1 $e |- A C_ B $.
  sseqtr4i.e2 $e |- C = B $.
  $( Substitution of equality into a subclass relationship. (Contributed by NM, 4-Apr-1995.) $)
  sseqtr4i $a |- A C_ C $.
$}
${
  sseqtrd.e1 $e |- ( ph -> A C_ B ) $.
  sseqtrd.e2 $e |- ( ph -> B = C ) $.
  $( Substitution of equality into a subclass relationship. (Contributed by NM, 25-Apr-2004.) $)
  sseqtrd $a |- ( ph -> A C_ C ) $.
$}
${
  syl6eqss.e1 $e |- ( ph -> A = B ) $.
  syl6eqss.e2 $e |- B C_ C $.
  $( A chained subclass and equality deduction. (Contributed by Mario Carneiro, 2-Jan-2017.) $)
  syl6eqss $a |- ( ph -> A C_ C ) $.
$}
${
  eqimss2i.e1 $e |- A = B $.
  $( Infer subclass relationship from equality. (Contributed by NM, 7-Jan-2007.) $)
  eqimss2i $a |- B C_ A $.
$}
$( Equality theorem for class difference. (Contributed by NM, 10-Feb-1997.) (Proof shortened by Andrew Salmon, 26-Jun-2011.) $)
difeq2 $a |- ( A = B -> ( C \ A ) = ( C \ B ) ) $.
$( If a class equals the union of two other classes, then it equals the union of those two classes commuted. ~ equncom was automatically derived from ~ equncomVD using the tools program translate_without_overwriting.cmd and minimizing. (Contributed by Alan Sare, 18-Feb-2012.) $)
equncom $a |- ( A = ( B u. C ) <-> A = ( C u. B ) ) $.
$( Subclass relationship for union of classes. Theorem 25 of [Suppes] p. 27. (Contributed by NM, 5-Aug-1993.) $)
ssun1 $a |- A C_ ( A u. B ) $.
$( The intersection of two classes is a subset of one of them. Part of Exercise 12 of [TakeutiZaring] p. 18. (Contributed by NM, 27-Apr-1994.) $)
inss1 $a |- ( A i^i B ) C_ A $.
$( Extend class notation to include the empty set. $)
c0 $a class (/) $.
${
  $d A x $.
  $( A nonempty class has at least one element. Proposition 5.17(1) of [TakeutiZaring] p. 20. (Contributed by NM, 29-Sep-2006.) $)
  n0 $a |- ( A =/= (/) <-> E. x x e. A ) $.
$}
$( Any subset of the empty set is empty. Theorem 5 of [Suppes] p. 23. (Contributed by NM, 13-Aug-1994.) $)
ss0 $a |- ( A C_ (/) -> A = (/) ) $.
${
  $d A x $.
  $d ph x $.
  eq0rdv.e1 $e |- ( ph -> -. x e. A ) $.
  $( Deduction rule for equality to the empty set. (Contributed by NM, 11-Jul-2014.) $)
  eq0rdv $p |- ( ph -> A = (/) ) $= ( c0 wss wceq cv wcel pm2.21d ssrdv ss0 syl ) ACEFCEGABCEABHZCINEIDJKCLM $.
$}
${
  $d A x $.
  $d B x $.
  $( Two ways of saying that two classes are disjoint. (Contributed by Jeff Madsen, 19-Jun-2011.) $)
  disjr $a |- ( ( A i^i B ) = (/) <-> A. x e. B -. x e. A ) $.
$}
$( Extend class notation to include the conditional operator. See ~ df-if for a description. (In older databases this was denoted "ded".) $)
cif $a class if ( ph , A , B ) $.
$( Extend class notation to include power class. (The tilde in the Metamath token is meant to suggest the calligraphic font of the P.) $)
cpw $a class ~P A $.
$( Extend class notation to include singleton. $)
csn $a class { A } $.
$( Extend class notation to include unordered pair. $)
cpr $a class { A , B } $.
$( Extend class notation to include ordered pair. $)
cop $a class <. A , B >. $.
${
  $d A x $.
  $( There is only one element in a singleton. Exercise 2 of [TakeutiZaring] p. 15. (Contributed by NM, 21-Jun-1993.) $)
  elsn $a |- ( x e. { A } <-> x = A ) $.
$}
$( If a class is an element of a pair, then it is one of the two paired elements. (Contributed by Scott Fenton, 1-Apr-2011.) $)
elpri $a |- ( A e. { B , C } -> ( A = B \/ A = C ) ) $.
$( There is only one element in a singleton. (Contributed by NM, 5-Jun-1994.) $)
elsni $a |- ( A e. { B } -> A = B ) $.
$( Membership in a set with an element removed. (Contributed by NM, 10-Mar-2015.) $)
eldifsni $a |- ( A e. ( B \ { C } ) -> A =/= C ) $.
$( Extend class notation to include the union of a class (read: 'union ` A ` ') $)
cuni $a class U. A $.
${
  unieqi.e1 $e |- A = B $.
  $( Inference of equality of two class unions. (Contributed by NM, 30-Aug-1993.) $)
  unieqi $a |- U. A = U. B $.
$}
$( Extend class notation to include the intersection of a class (read: 'intersect ` A ` '). $)
cint $a class |^| A $.
${
  $d A x $.
  $d B x $.
  elint.e1 $e |- A e. _V $.
  $( Membership in class intersection. (Contributed by NM, 21-May-1994.) $)
  elint $a |- ( A e. |^| B <-> A. x ( x e. B -> A e. x ) ) $.
$}
${
  $d A x $.
  $d A y $.
  $d B x $.
  $d B y $.
  $d ph y $.
  $d x y $.
  $( An element of a class includes the intersection of the class. Exercise 4 of [TakeutiZaring] p. 44 (with correction), generalized to classes. (Contributed by NM, 18-Nov-1995.) $)
  intss1 $p |- ( A e. B -> |^| B C_ A ) $= ( vx.wal vy wcel cint cv wal vex elint wceq eleq1 eleq2 imbi12d spcgv pm2.43a wi syl5bi ssrdv ) ABEZCBFZACGZUAEDGZBEZUBUCEZQZDHZTUBAEZDUBBCIJUGTUHUFTUH QDABUCAKUDTUEUHUCABLUCAUBMNOPRS $.
$}
$( Extend wff notation to include the general binary relation predicate. Note that the syntax is simply three class symbols in a row. Since binary relations are the only possible wff expressions consisting of three class expressions in a row, the syntax is unambiguous. (For an example of how syntax $)
wbr $a wff A R B $.
$( Equality theorem for binary relations. (Contributed by NM, 4-Jun-1995.) $)
breq $a |- ( R = S -> ( A R B <-> A S B ) ) $.
$( Equality theorem for a binary relation. (Contributed by NM, 31-Dec-1993.) $)
breq1 $a |- ( A = B -> ( A R C <-> B R C ) ) $.
${
  breq1d.e1 $e |- ( ph -> A = B ) $.
  $( Equality deduction for a binary relation. (Contributed by NM, 8-Feb-1996.) $)
  breq1d $a |- ( ph -> ( A R C <-> B R C ) ) $.
$}
${
  eqbrtrd.e1 $e |- ( ph -> A = B ) $.
  eqbrtrd.e2 $e |- ( ph -> B R C ) $.
  $( Substitution of equal classes into a binary relation. (Contributed by NM, 8-Oct-1999.) $)
  eqbrtrd $a |- ( ph -> A R C ) $.
$}
${
  eqbrtrrd.e1 $e |- ( ph -> A = B ) $.
  eqbrtrrd.e2 $e |- ( ph -> A R C ) $.
  $( Substitution of equal classes into a binary relation. (Contributed by NM, 24-Oct-1999.) $)
  eqbrtrrd $a |- ( ph -> B R C ) $.
$}
${
  3brtr3d.e1 $e |- ( ph -> A R B ) $.
  3brtr3d.e2 $e |- ( ph -> A = C ) $.
  3brtr3d.e3 $e |- ( ph -> B = D ) $.
  $( Substitution of equality into both sides of a binary relation. (Contributed by NM, 18-Oct-1999.) $)
  3brtr3d $a |- ( ph -> C R D ) $.
$}
${
  3brtr4d.e1 $e |- ( ph -> A R B ) $.
  3brtr4d.e2 $e |- ( ph -> C = A ) $.
  3brtr4d.e3 $e |- ( ph -> D = B ) $.
  $( Substitution of equality into both sides of a binary relation. (Contributed by NM, 21-Feb-2005.) $)
  3brtr4d $a |- ( ph -> C R D ) $.
$}
$( Extend class notation to include ordered-pair class abstraction (class builder). $)
copab $a class { <. x , y >. | ph } $.
$( Extend the definition of a class to include maps-to notation for defining a function via a rule. $)
cmpt $a class ( x e. A |-> B ) $.
${
  $d x y $.
  $d y z $.
  cbvopab1.e1 $e |- F/ z ph $.
  cbvopab1.e2 $e |- F/ x ps $.
  cbvopab1.e3 $e |- ( x = z -> ( ph <-> ps ) ) $.
  $( Change first bound variable in an ordered-pair class abstraction, using explicit substitution. (Contributed by NM, 6-Oct-2004.) (Revised by Mario Carneiro, 14-Oct-2016.) $)
  cbvopab1 $a |- { <. x , y >. | ph } = { <. z , y >. | ps } $.
$}
${
  $d x y $.
  $d x z $.
  $d y z $.
  cbvopab2.e1 $e |- F/ z ph $.
  cbvopab2.e2 $e |- F/ y ps $.
  cbvopab2.e3 $e |- ( y = z -> ( ph <-> ps ) ) $.
  $( Change second bound variable in an ordered-pair class abstraction, using explicit substitution. (Contributed by NM, 22-Aug-2013.) $)
  cbvopab2 $a |- { <. x , y >. | ph } = { <. x , z >. | ps } $.
$}
$( Extend wff notation to include transitive classes. Notation from [TakeutiZaring] p. 35. $)
wtr $a wff Tr A $.
$( An element of a transitive class is a subset of the class. (Contributed by NM, 7-Aug-1994.) $)
trss $a |- ( Tr A -> ( B e. A -> B C_ A ) ) $.
${
  $d A x $.
  $d A y $.
  $d A z $.
  $d B y $.
  $d B z $.
  $d x y $.
  $d x z $.
  $d y z $.
  $( Any nonempty transitive class includes its intersection. Exercise 2 in [TakeutiZaring] p. 44. (Contributed by Andrew Salmon, 14-Nov-2011.) $)
  trint0 $p |- ( ( Tr A /\ A =/= (/) ) -> |^| A C_ A ) $= ( vx.wal c0 wne wtr cint wss cv wcel wex wi intss1 trss com12 sylsyld exlimiv n0 sstr2 sylbi impcom ) ACDZAEZAFZAGZUABHZAIZBJUBUDKZBAQUFUGBUFUCUEGUBUEA GZUDUEALUBUFUHAUEMNUCUEAROPST $.
$}
${
  ssexi.e1 $e |- B e. _V $.
  ssexi.e2 $e |- A C_ B $.
  $( The subset of a set is also a set. (Contributed by NM, 9-Sep-1993.) $)
  ssexi $a |- A e. _V $.
$}
$( Membership in a power class. Theorem 86 of [Suppes] p. 47. (Contributed by NM, 7-Aug-2000.) $)
elpw2g $a |- ( B e. V -> ( A e. ~P B <-> A C_ B ) ) $.
$( Extend the definition of a class to include identity relation. $)
cid $a class _I $.
$( Extend the definition of a class to include the Cartesian product. $)
cxp $a class ( A X. B ) $.
$( Extend the definition of a class to include the converse of a class. $)
ccnv $a class `' A $.
$( Extend the definition of a class to include the domain of a class. $)
cdm $a class dom A $.
$( Extend the definition of a class to include the range of a class. $)
crn $a class ran A $.
$( Extend the definition of a class to include the restriction of a class. (Read: The restriction of ` A ` to ` B ` .) $)
cres $a class ( A |` B ) $.
$( Extend the definition of a class to include the image of a class. (Read: The image of ` B ` under ` A ` .) $)
cima $a class ( A " B ) $.
$( Extend the definition of a wff to include the relation predicate. (Read: ` A ` is a relation.) $)
wrel $a wff Rel A $.
$( Define the image of a class (as restricted by another class). Definition 6.6(2) of [TakeutiZaring] p. 24. For example, ` ( F = { <. 2 , 6 >. , <. 3 , 9 >. } /\ B = { 1 , 2 } ) ` ` -> ( F " B ) = { 6 } ` ( ~ ex-ima ). Contrast with restriction ( ~ df-res ) and range ( ~ df-rn ). For an alternate $)
df-ima $a |- ( A " B ) = ran ( A |` B ) $.
$( Subclass theorem for relation predicate. Theorem 2 of [Suppes] p. 58. (Contributed by NM, 15-Aug-1994.) $)
relss $a |- ( A C_ B -> ( Rel B -> Rel A ) ) $.
$( A Cartesian product is a relation. Theorem 3.13(i) of [Monk1] p. 37. (Contributed by NM, 2-Aug-1994.) $)
relxp $a |- Rel ( A X. B ) $.
${
  rneqi.e1 $e |- A = B $.
  $( Equality inference for range. (Contributed by NM, 4-Mar-2004.) $)
  rneqi $a |- ran A = ran B $.
$}
${
  reseq1i.e1 $e |- A = B $.
  $( Equality inference for restrictions. (Contributed by NM, 21-Oct-2014.) $)
  reseq1i $a |- ( A |` C ) = ( B |` C ) $.
$}
${
  reseq12i.e1 $e |- A = B $.
  reseq12i.e2 $e |- C = D $.
  $( Equality inference for restrictions. (Contributed by NM, 21-Oct-2014.) $)
  reseq12i $a |- ( A |` C ) = ( B |` D ) $.
$}
${
  imaeq1i.e1 $e |- A = B $.
  $( Equality theorem for image. (Contributed by NM, 21-Dec-2008.) $)
  imaeq1i $a |- ( A " C ) = ( B " C ) $.
$}
$( The restriction of the double converse of a class. (Contributed by NM, 8-Apr-2007.) (Proof shortened by Andrew Salmon, 27-Aug-2011.) $)
rescnvcnv $a |- ( `' `' A |` B ) = ( A |` B ) $.
$( The image of the double converse of a class. (Contributed by NM, 8-Apr-2007.) $)
imacnvcnv $p |- ( `' `' A " B ) = ( A " B ) $= ( ccnv cres crn cima rescnvcnv rneqi df-ima 3eqtr4i ) ACCZBDZEABDZEKBFABFLM ABGHKBIABIJ $.
$( Extend the definition of a class to include the class of all ordinal numbers. (The 0 in the name prevents creating a file called con.html, which causes problems in Windows.) $)
con0 $a class On $.
$( Extend class notation to include the successor function. $)
csuc $a class suc A $.
$( Define the successor of a class. When applied to an ordinal number, the successor means the same thing as "plus 1" (see ~ oa1suc ). Definition 7.22 of [TakeutiZaring] p. 41, who use "+ 1" to denote this function. Our definition is a generalization to classes. Although it is not conventional to use $)
df-suc $a |- suc A = ( A u. { A } ) $.
$( A class is included in its own successor. Part of Proposition 7.23 of [TakeutiZaring] p. 41 (generalized to arbitrary classes). (Contributed by NM, 31-May-1994.) $)
sssucid $p |- A C_ suc A $= ( csn cun csuc ssun1 df-suc sseqtr4i ) AAABZCADAHEAFG $.
$( Extend class notation with Russell's definition description binder (inverted iota). $)
cio $a class ( iota x ph ) $.
${
  $d ph x $.
  iotabidv.e1 $e |- ( ph -> ( ps <-> ch ) ) $.
  $( Formula-building deduction rule for iota. (Contributed by NM, 20-Aug-2011.) $)
  iotabidv $a |- ( ph -> ( iota x ps ) = ( iota x ch ) ) $.
$}
$( Extend the definition of a wff to include the function predicate with domain and codomain. (Read: ` F ` maps ` A ` into ` B ` .) $)
wf $a wff F : A --> B $.
$( Extend the definition of a wff to include one-to-one functions. (Read: ` F ` maps ` A ` one-to-one into ` B ` .) The notation ("1-1" above the arrow) is from Definition 6.15(5) of [TakeutiZaring] p. 27. $)
wf1 $a wff F : A -1-1-> B $.
$( Extend the definition of a wff to include one-to-one onto functions. (Read: ` F ` maps ` A ` one-to-one onto ` B ` .) The notation ("1-1" above the arrow and "onto" below the arrow) is from Definition 6.15(6) of [TakeutiZaring] p. 27. $)
wf1o $a wff F : A -1-1-onto-> B $.
$( Extend the definition of a class to include the value of a function. (Read: The value of ` F ` at ` A ` , or " ` F ` of ` A ` .") $)
cfv $a class ( F ` A ) $.
${
  $d A x $.
  $d F x $.
  $( Define the value of a function, ` ( F `` A ) ` , also known as function application. For example, ` ( cos `` 0 ) = 1 ` (we prove this in ~ cos0 after we define cosine in ~ df-cos ). Typically, function ` F ` is defined using maps-to notation (see ~ df-mpt and ~ df-mpt2 ), but this is not required. $)
  df-fv $a |- ( F ` A ) = ( iota x A F x ) $.
$}
${
  feq23i.e1 $e |- A = C $.
  feq23i.e2 $e |- B = D $.
  $( Equality inference for functions. (Contributed by Paul Chapman, 22-Jun-2011.) $)
  feq23i $a |- ( F : A --> B <-> F : C --> D ) $.
$}
$( The restriction of a one-to-one function maps one-to-one onto the image. (Contributed by NM, 25-Mar-1998.) $)
f1ores $a |- ( ( F : A -1-1-> B /\ C C_ A ) -> ( F |` C ) : C -1-1-onto-> ( F " C ) ) $.
${
  $d A x $.
  $d B x $.
  $d F x $.
  $d G x $.
  $( Equality theorem for function value. (Contributed by NM, 29-Dec-1996.) $)
  fveq1 $p |- ( F = G -> ( F ` A ) = ( G ` A ) ) $= ( vx.wal wceq cv wbr cio cfv breq iotabidv df-fv 3eqtr4g ) BCEZADFZBGZDHAOCGZ DHABIACINPQDAOBCJKDABLDACLM $.
$}
${
  fveq1i.e1 $e |- F = G $.
  $( Equality inference for function value. (Contributed by NM, 2-Sep-2003.) $)
  fveq1i $a |- ( F ` A ) = ( G ` A ) $.
$}
$( The value of a class exists. Corollary 6.13 of [TakeutiZaring] p. 27. (Contributed by NM, 30-Dec-1996.) $)
fvex $a |- ( F ` A ) e. _V $.
${
  $d A x $.
  fvmptex.e1 $e |- F = ( x e. A |-> B ) $.
  fvmptex.e2 $e |- G = ( x e. A |-> ( _I ` B ) ) $.
  $( Express a function ` F ` whose value ` B ` may not always be a set in terms of another function ` G ` for which sethood is guaranteed. (Note that ` ( _I `` B ) ` is just shorthand for ` if ( B e. _V , B , (/) ) ` , and it is always a set by ~ fvex .) Note also that these functions are not the same; $)
  fvmptex $a |- ( F ` C ) = ( G ` C ) $.
$}
${
  f0cli.e1 $e |- F : A --> B $.
  f0cli.e2 $e |- (/) e. B $.
  $( Unconditional closure of a function when the range includes the empty set. (Contributed by Mario Carneiro, 12-Sep-2013.) $)
  f0cli $a |- ( F ` C ) e. B $.
$}
$( Extend class notation to include the value of an operation ` F ` (such as ` + ` ) for two arguments ` A ` and ` B ` . Note that the syntax is simply three class symbols in a row surrounded by parentheses. Since operation values are the only possible class expressions consisting of three class $)
co $a class ( A F B ) $.
${
  oveq1i.e1 $e |- A = B $.
  $( Equality inference for operation value. (Contributed by NM, 28-Feb-1995.) $)
  oveq1i $a |- ( A F C ) = ( B F C ) $.
$}
${
  oveq2i.e1 $e |- A = B $.
  $( Equality inference for operation value. (Contributed by NM, 28-Feb-1995.) $)
  oveq2i $a |- ( C F A ) = ( C F B ) $.
$}
${
  oveq2d.e1 $e |- ( ph -> A = B ) $.
  $( Equality deduction for operation value. (Contributed by NM, 13-Mar-1995.) $)
  oveq2d $a |- ( ph -> ( C F A ) = ( C F B ) ) $.
$}
$( Extend class notation to include the class of natural numbers. $)
com $a class _om $.
$( Extend the definition of a class to include equivalence class. $)
cec $a class [ A ] R $.
$( Extend the definition of a class to include quotient set. $)
cqs $a class ( A /. R ) $.
${
  $d A x $.
  $d B x $.
  $d R x $.
  $d ch x $.
  $d ps x $.
  ectocld.e1 $e |- S = ( B /. R ) $.
  ectocld.e2 $e |- ( [ x ] R = A -> ( ph <-> ps ) ) $.
  ectocld.e3 $e |- ( ( ch /\ x e. B ) -> ph ) $.
  $( Implicit substitution of class for equivalence class. (Contributed by Mario Carneiro, 9-Jul-2014.) $)
  ectocld $a |- ( ( ch /\ A e. S ) -> ps ) $.
$}
${
  $d A x $.
  $d A y $.
  $d B x $.
  $d B y $.
  $d C x $.
  $d C y $.
  $d R x $.
  $d R y $.
  $d ps x $.
  $d ps y $.
  $d x y $.
  ecoptocl.e1 $e |- S = ( ( B X. C ) /. R ) $.
  ecoptocl.e2 $e |- ( [ <. x , y >. ] R = A -> ( ph <-> ps ) ) $.
  ecoptocl.e3 $e |- ( ( x e. B /\ y e. C ) -> ph ) $.
  $( Implicit substitution of class for equivalence class of ordered pair. (Contributed by NM, 23-Jul-1995.) $)
  ecoptocl $a |- ( A e. S -> ps ) $.
$}
$( Extend class definition to include the equinumerosity relation ("approximately equals" symbol) $)
cen $a class ~~ $.
$( Extend class definition to include the dominance relation (curly less-than-or-equal) $)
cdom $a class ~<_ $.
$( The domain and range of a one-to-one, onto function are equinumerous. (Contributed by NM, 19-Jun-1998.) $)
f1oeng $a |- ( ( A e. C /\ F : A -1-1-onto-> B ) -> A ~~ B ) $.
${
  ensymd.e1 $e |- ( ph -> A ~~ B ) $.
  $( Symmetry of equinumerosity. Deduction form of ~ ensym . (Contributed by David Moews, 1-May-2017.) $)
  ensymd $a |- ( ph -> B ~~ A ) $.
$}
$( A one-to-one function's image under a subset of its domain is equinumerous to the subset. (Contributed by Mario Carneiro, 15-May-2015.) $)
f1imaeng $p |- ( ( F : A -1-1-> B /\ C C_ A /\ C e. V ) -> ( F " C ) ~~ C ) $= ( wf1 wss wcel w3a cima cres wf1o cen f1ores f1oeng ancoms stoic3 ensymd wbr ) ABDFZCAGZCEHZICDCJZTUACUCDCKZLZUBCUCMSZABCDNUBUEUFCUCEUDOPQR $.
$( Equality-like theorem for equinumerosity and dominance. (Contributed by NM, 8-Nov-2003.) $)
domen2 $a |- ( A ~~ B -> ( C ~<_ A <-> C ~<_ B ) ) $.
$( Extend class definition to include the cardinal size function. $)
ccrd $a class card $.
$( The cardinal number of a set is an ordinal number. Proposition 10.6(1) of [TakeutiZaring] p. 85. (Contributed by Mario Carneiro, 7-Jan-2013.) (Revised by Mario Carneiro, 13-Sep-2013.) $)
cardon $a |- ( card ` A ) e. On $.
$( Any numerable set is equinumerous to its cardinal number. Proposition 10.5 of [TakeutiZaring] p. 85. (Contributed by Mario Carneiro, 7-Jan-2013.) $)
cardid2 $a |- ( A e. dom card -> ( card ` A ) ~~ A ) $.
$( If a set is dominated by an ordinal, then it is numerable. (Contributed by Mario Carneiro, 5-Jan-2013.) $)
ondomen $a |- ( ( A e. On /\ B ~<_ A ) -> B e. dom card ) $.
$( A set dominated by a numerable set is numerable. (Contributed by Mario Carneiro, 28-Apr-2015.) $)
numdom $p |- ( ( A e. dom card /\ B ~<_ A ) -> B e. dom card ) $= ( ccrd cdm wcel cdom wbr cfv con0 cardon cen cardid2 domen2 biimpar ondomen wa wb syl sylancr ) ACDZEZBAFGZPACHZIEBUCFGZBTEAJUAUDUBUAUCAKGUDUBQALUCABMR NUCBOS $.
${
  $d A n $.
  $d A s $.
  $d n s $.
  axdc3lem.e1 $e |- A e. _V $.
  axdc3lem.e2 $e |- S = { s | E. n e. _om ( s : suc n --> A /\ ( s ` (/) ) = C /\ A. k e. n ( s ` suc k ) e. ( F ` ( s ` k ) ) ) } $.
  $( The class ` S ` of finite approximations to the DC sequence is a set. (We derive here the stronger statement that ` S ` is a subset of a specific set, namely ` ~P ( _om X. A ) ` .) (Unnecessary distinct variable restrictions were removed by David Abernethy, 18-Mar-2014.) (Contributed by Mario $)
  axdc3lem $a |- S e. _V $.
$}
$( Class of complex numbers. $)
cc $a class CC $.
$( Class of real numbers. $)
cr $a class RR $.
$( Extend class notation to include the complex number 0. $)
cc0 $a class 0 $.
$( Extend class notation to include the complex number 1. $)
c1 $a class 1 $.
$( Addition on complex numbers. $)
caddc $a class + $.
$( Multiplication on complex numbers. The token ` x. ` is a center dot. $)
cmul $a class x. $.
$( 1 is a complex number. Axiom 2 of 22 for real and complex numbers, justified by theorem ~ ax1cn . (Contributed by NM, 1-Mar-1995.) $)
ax-1cn $a |- 1 e. CC $.
$( A real number is a complex number. (Contributed by NM, 10-Aug-1999.) $)
recn $a |- ( A e. RR -> A e. CC ) $.
$( 0 is a complex number. See also ~ 0cnALT . (Contributed by NM, 19-Feb-2005.) $)
0cn $a |- 0 e. CC $.
$( ` 0 ` is a real number. See also ~ 0reALT . (Contributed by Eric Schmidt, 21-May-2007.) (Revised by Scott Fenton, 3-Jan-2013.) $)
0re $a |- 0 e. RR $.
${
  addassi.e1 $e |- A e. CC $.
  addassi.e2 $e |- B e. CC $.
  addassi.e3 $e |- C e. CC $.
  $( Associative law for addition. (Contributed by NM, 23-Nov-1994.) $)
  addassi $a |- ( ( A + B ) + C ) = ( A + ( B + C ) ) $.
$}
${
  recni.e1 $e |- A e. RR $.
  $( A real number is a complex number. (Contributed by NM, 1-Mar-1995.) $)
  recni $a |- A e. CC $.
$}
$( The set of extended reals (includes plus and minus infinity). $)
cxr $a class RR* $.
$( 'Less than' predicate (extended to include the extended reals). $)
clt $a class < $.
$( Extend wff notation to include the 'less than or equal to' relation. $)
cle $a class <_ $.
$( A standard real is an extended real. (Contributed by NM, 14-Oct-2005.) $)
rexr $a |- ( A e. RR -> A e. RR* ) $.
$( 'Less than or equal' is a relation on extended reals. (Contributed by Mario Carneiro, 28-Apr-2015.) $)
lerelxr $a |- <_ C_ ( RR* X. RR* ) $.
$( 'Less or equal to' is a relation. (Contributed by FL, 2-Aug-2009.) (Revised by Mario Carneiro, 28-Apr-2015.) $)
lerel $p |- Rel <_ $= ( cle cxr cxp wss wrel lerelxr relxp relss mp2 ) ABBCZDJEAEFBBGAJHI $.
$( Trichotomy law. (Contributed by NM, 18-Aug-1999.) (Proof shortened by Andrew Salmon, 19-Nov-2011.) $)
letric $a |- ( ( A e. RR /\ B e. RR ) -> ( A <_ B \/ B <_ A ) ) $.
${
  letrid.e1 $e |- ( ph -> A e. RR ) $.
  letrid.e2 $e |- ( ph -> B e. RR ) $.
  $( Trichotomy law for 'less than or equal to'. (Contributed by Mario Carneiro, 27-May-2016.) $)
  letrid $a |- ( ph -> ( A <_ B \/ B <_ A ) ) $.
$}
$( Addition commutes. This used to be one of our complex number axioms, until it was found to be dependent on the others. Based on ideas by Eric Schmidt. (Contributed by Scott Fenton, 3-Jan-2013.) $)
addcom $a |- ( ( A e. CC /\ B e. CC ) -> ( A + B ) = ( B + A ) ) $.
${
  addcomli.e1 $e |- A e. CC $.
  addcomli.e2 $e |- B e. CC $.
  addcomli.e3 $e |- ( A + B ) = C $.
  $( Addition commutes. (Contributed by Mario Carneiro, 19-Apr-2015.) $)
  addcomli $a |- ( B + A ) = C $.
$}
$( Extend class notation to include subtraction. $)
cmin $a class - $.
$( Extend class notation to include unary minus. The symbol ` -u ` is not a class by itself but part of a compound class definition. We do this rather than making it a formal function since it is so commonly used. Note: We use different symbols for unary minus ( ` -u ` ) and subtraction ~ cmin ( ` - ` $)
cneg $a class -u A $.
$( Define the negative of a number (unary minus). We use different symbols for unary minus ( ` -u ` ) and subtraction ( ` - ` ) to prevent syntax ambiguity. See ~ cneg for a discussion of this. (Contributed by NM, 10-Feb-1995.) $)
df-neg $a |- -u A = ( 0 - A ) $.
$( Closure law for subtraction. (Contributed by NM, 10-May-1999.) (Revised by Mario Carneiro, 21-Dec-2013.) $)
subcl $a |- ( ( A e. CC /\ B e. CC ) -> ( A - B ) e. CC ) $.
$( Closure law for negative. (Contributed by NM, 6-Aug-2003.) $)
negcl $p |- ( A e. CC -> -u A e. CC ) $= ( cc wcel cneg cc0 cmin co df-neg 0cn subcl mpan syl5eqel ) ABCZADEAFGZBAHE BCMNBCIEAJKL $.
${
  pncan3oi.e1 $e |- A e. CC $.
  pncan3oi.e2 $e |- B e. CC $.
  $( Subtraction and addition of equals. Almost but not exactly the same as ~ pncan3i and ~ pncan , this order happens often when applying "operations to both sides" so create a theorem specifically for it. A deduction version of this is available as ~ pncand . (Contributed by David A. Wheeler, $)
  pncan3oi $a |- ( ( A + B ) - B ) = A $.
$}
${
  subaddrii.e1 $e |- A e. CC $.
  subaddrii.e2 $e |- B e. CC $.
  subaddrii.e3 $e |- C e. CC $.
  subaddrii.e4 $e |- ( B + C ) = A $.
  $( Relationship between subtraction and addition. (Contributed by NM, 16-Dec-2006.) $)
  subaddrii $a |- ( A - B ) = C $.
$}
${
  subcanad.e1 $e |- ( ph -> A e. CC ) $.
  subcanad.e2 $e |- ( ph -> B e. CC ) $.
  subcanad.e3 $e |- ( ph -> C e. CC ) $.
  $( Cancellation law for subtraction. Deduction form of ~ subcan . Generalization of ~ subcand . (Contributed by David Moews, 28-Feb-2017.) $)
  subcanad $a |- ( ph -> ( ( A - B ) = ( A - C ) <-> B = C ) ) $.
$}
${
  subneintrd.e1 $e |- ( ph -> A e. CC ) $.
  subneintrd.e2 $e |- ( ph -> B e. CC ) $.
  subneintrd.e3 $e |- ( ph -> C e. CC ) $.
  subneintrd.e4 $e |- ( ph -> B =/= C ) $.
  $( Introducing subtraction on both sides of a statement of inequality. Contrapositive of ~ subcand . (Contributed by David Moews, 28-Feb-2017.) $)
  subneintrd $p |- ( ph -> ( A - B ) =/= ( A - C ) ) $= ( cmin co wne subcanad necon3bid mpbird ) ABCIJZBDIJZKCDKHAOPCDABCDEFGL MN $.
$}
$( 'Less than' relationship between addition and subtraction. (Contributed by NM, 17-Nov-2004.) $)
ltaddsub $a |- ( ( A e. RR /\ B e. RR /\ C e. RR ) -> ( ( A + B ) < C <-> A < ( C - B ) ) ) $.
$( 'Less than' relationship between addition and subtraction. (Contributed by NM, 17-Nov-2004.) $)
ltaddsub2 $p |- ( ( A e. RR /\ B e. RR /\ C e. RR ) -> ( ( A + B ) < C <-> B < ( C - A ) ) ) $= ( cr wcel w3a caddc co clt wbr cmin wceq cc addcom syl2an 3adant3 breq1d wb recn ltaddsub 3com12 bitrd ) ADEZBDEZCDEZFZABGHZCIJBAGHZCIJZBCAKHIJZUFUGUHC IUCUDUGUHLZUEUCAMEBMEUKUDASBSABNOPQUDUCUEUIUJRBACTUAUB $.
$( If a product is zero, one of its factors must be zero. Theorem I.11 of [Apostol] p. 18. (Contributed by NM, 9-Oct-1999.) (Revised by Mario Carneiro, 27-May-2016.) $)
mul0or $a |- ( ( A e. CC /\ B e. CC ) -> ( ( A x. B ) = 0 <-> ( A = 0 \/ B = 0 ) ) ) $.
$( The product of two nonzero numbers is nonzero. (Contributed by NM, 1-Aug-2004.) (Proof shortened by Andrew Salmon, 19-Nov-2011.) $)
mulne0b $p |- ( ( A e. CC /\ B e. CC ) -> ( ( A =/= 0 /\ B =/= 0 ) <-> ( A x. B ) =/= 0 ) ) $= ( cc wcel wa cmul co cc0 wne wceq wo wn mul0or necon3abid neanior syl6rbbr ) ACDBCDEZABFGZHIAHJBHJKZLAHIBHIEQSRHABMNAHBHOP $.
$( Extend class notation to include the class of positive integers. $)
cn $a class NN $.
${
  nncni.e1 $e |- A e. NN $.
  $( A positive integer is a complex number. (Contributed by NM, 18-Aug-1999.) $)
  nncni $a |- A e. CC $.
$}
$( Peano postulate: a successor of a positive integer is a positive integer. (Contributed by NM, 11-Jan-1997.) (Revised by Mario Carneiro, 17-Nov-2014.) $)
peano2nn $a |- ( A e. NN -> ( A + 1 ) e. NN ) $.
$( Extend class notation to include the number 2. $)
c2 $a class 2 $.
$( Extend class notation to include the number 4. $)
c4 $a class 4 $.
$( Extend class notation to include the number 5. $)
c5 $a class 5 $.
$( Extend class notation to include the number 6. $)
c6 $a class 6 $.
$( Define the number 6. (Contributed by NM, 27-May-1999.) $)
df-6 $a |- 6 = ( 5 + 1 ) $.
$( The number 4 is a complex number. (Contributed by David A. Wheeler, 7-Jul-2016.) $)
4cn $a |- 4 e. CC $.
$( The number 5 is complex. (Contributed by David A. Wheeler, 8-Dec-2018.) $)
5cn $a |- 5 e. CC $.
$( 4 + 1 = 5. (Contributed by Mario Carneiro, 18-Apr-2015.) $)
4p1e5 $a |- ( 4 + 1 ) = 5 $.
$( 5 is a positive integer. (Contributed by Mario Carneiro, 15-Sep-2013.) $)
5nn $a |- 5 e. NN $.
$( 6 is a positive integer. (Contributed by Mario Carneiro, 15-Sep-2013.) $)
6nn $p |- 6 e. NN $= ( c6 c5 c1 caddc co cn df-6 wcel 5nn peano2nn ax-mp eqeltri ) ABCDEZFGBFHMF HIBJKL $.
$( Extend class notation to include the class of nonnegative integers. $)
cn0 $a class NN0 $.
${
  nn0cni.e1 $e |- A e. NN0 $.
  $( A nonnegative integer is a complex number. (Contributed by NM, 14-May-2003.) $)
  nn0cni $a |- A e. CC $.
$}
$( A nonnegative integer plus a positive integer is a positive integer. (Contributed by NM, 22-Dec-2005.) $)
nn0nnaddcl $a |- ( ( M e. NN0 /\ N e. NN ) -> ( M + N ) e. NN ) $.
${
  nn0mulcli.e1 $e |- M e. NN0 $.
  nn0mulcli.e2 $e |- N e. NN0 $.
  $( Closure of multiplication of nonnegative integers, inference form. (Contributed by Raph Levien, 10-Dec-2002.) $)
  nn0mulcli $a |- ( M x. N ) e. NN0 $.
$}
$( Extend class notation to include the class of integers. $)
cz $a class ZZ $.
${
  numnncl.e1 $e |- T e. NN0 $.
  numnncl.e2 $e |- A e. NN0 $.
  numnncl.e3 $e |- B e. NN $.
  $( Closure for a numeral (with units place). (Contributed by Mario Carneiro, 18-Feb-2014.) $)
  numnncl $p |- ( ( T x. A ) + B ) e. NN $= ( cmul co cn0 wcel cn caddc nn0mulcli nn0nnaddcl mp2an ) CAGHZIJBKJPBLH KJCADEMFPBNO $.
$}
${
  numsuc.e1 $e |- T e. NN0 $.
  numsuc.e2 $e |- A e. NN0 $.
  numsuc.e3 $e |- B e. NN0 $.
  numsuc.e4 $e |- ( B + 1 ) = C $.
  numsuc.e5 $e |- N = ( ( T x. A ) + B ) $.
  $( The successor of a decimal integer (no carry). (Contributed by Mario Carneiro, 18-Feb-2014.) $)
  numsuc $p |- ( N + 1 ) = ( ( T x. A ) + C ) $= ( c1 caddc co cmul oveq1i nn0mulcli nn0cni ax-1cn addassi oveq2i 3eqtri ) EKLMDANMZBLMZKLMUBBKLMZLMUBCLMEUCKLJOUBBKUBDAFGPQBHQRSUDCUBLITUA $.
$}
$( Ordering on the extended reals is transitive. (Contributed by NM, 15-Oct-2005.) $)
xrlttr $a |- ( ( A e. RR* /\ B e. RR* /\ C e. RR* ) -> ( ( A < B /\ B < C ) -> A < C ) ) $.
$( 'Less than or equal' expressed in terms of 'less than' or 'equals', for extended reals. (Contributed by NM, 19-Jan-2006.) $)
xrleloe $a |- ( ( A e. RR* /\ B e. RR* ) -> ( A <_ B <-> ( A < B \/ A = B ) ) ) $.
$( Transitive law for ordering on extended reals. (Contributed by NM, 19-Jan-2006.) $)
xrlelttr $p |- ( ( A e. RR* /\ B e. RR* /\ C e. RR* ) -> ( ( A <_ B /\ B < C ) -> A < C ) ) $= ( cxr wcel w3a cle wbr clt wceq wo wi wb xrleloe 3adant3 expd breq1 biimprd xrlttr a1i jaod sylbid impd ) ADEZBDEZCDEZFZABGHZBCIHZACIHZUGUHABIHZABJZKZU IUJLZUDUEUHUMMUFABNOUGUKUNULUGUKUIUJABCSPULUNLUGULUJUIABCIQRTUAUBUC $.
$( The minimum of two extended reals is less than or equal to one of them. (Contributed by NM, 7-Feb-2007.) $)
xrmin2 $a |- ( ( A e. RR* /\ B e. RR* ) -> if ( A <_ B , A , B ) <_ B ) $.
$( The minimum of two numbers is less than or equal to the second. (Contributed by NM, 3-Aug-2007.) $)
min2 $p |- ( ( A e. RR /\ B e. RR ) -> if ( A <_ B , A , B ) <_ B ) $= ( cr wcel cxr cle wbr cif rexr xrmin2 syl2an ) ACDAEDBEDABFGABHBFGBCDAIBIAB JK $.
$( Extend class notation with the set of open intervals of extended reals. $)
cioo $a class (,) $.
$( An open interval does not contain its left endpoint. (Contributed by Mario Carneiro, 29-Dec-2016.) $)
lbioo $a |- -. A e. ( A (,) B ) $.
$( An open interval does not contain its right endpoint. (Contributed by Mario Carneiro, 29-Dec-2016.) $)
ubioo $a |- -. B e. ( A (,) B ) $.
$( Extend class notation to include the notation for a contiguous finite set of integers. Read " ` M ... N ` " as "the set of integers from ` M ` to ` N ` inclusive." $)
cfz $a class ... $.
$( Membership in a finite set of sequential integers containing one integer. (Contributed by NM, 21-Jul-2005.) $)
elfz3 $a |- ( N e. ZZ -> N e. ( N ... N ) ) $.
$( Membership in a finite set of sequential integers containing one integer. (Contributed by NM, 19-Sep-2005.) $)
elfz1eq $a |- ( K e. ( N ... N ) -> K = N ) $.
${
  $d K k $.
  $d M k $.
  $d N k $.
  $d V k $.
  $( A finite interval of integers with one element. (Contributed by Jeff Madsen, 2-Sep-2009.) $)
  fzsn $p |- ( M e. ZZ -> ( M ... M ) = { M } ) $= ( vk cz wcel cfz co csn cv elfz1eq elfz3 eleq1 syl5ibrcom impbid2 syl6bbr wceq elsn eqrdv ) ACDZBAAEFZAGZRBHZSDZUAAOZUATDRUBUCUAAIRUBUCASDAJUAASKLM BAPNQ $.
$}
$( Extend class notation to include exponentiation of a complex number to an integer power. $)
cexp $a class ^ $.
$( Closure law for integer exponentiation. (Contributed by Mario Carneiro, 4-Jun-2014.) $)
expclzlem $a |- ( ( A e. CC /\ A =/= 0 /\ N e. ZZ ) -> ( A ^ N ) e. ( CC \ { 0 } ) ) $.
$( Nonnegative integer exponentiation is nonzero if its mantissa is nonzero. (Contributed by NM, 2-Aug-2006.) (Revised by Mario Carneiro, 4-Jun-2014.) $)
expne0i $p |- ( ( A e. CC /\ A =/= 0 /\ N e. ZZ ) -> ( A ^ N ) =/= 0 ) $= ( cc wcel cc0 wne cz w3a cexp co csn cdif expclzlem eldifsni syl ) ACDAEFBG DHABIJZCEKLDPEFABMPCENO $.
$( Cancellation law for exponentiation. (Contributed by NM, 2-Aug-2006.) (Revised by Mario Carneiro, 4-Jun-2014.) $)
expcan $a |- ( ( ( A e. RR /\ M e. ZZ /\ N e. ZZ ) /\ 1 < A ) -> ( ( A ^ M ) = ( A ^ N ) <-> M = N ) ) $.
${
  expcand.e1 $e |- ( ph -> A e. RR ) $.
  expcand.e2 $e |- ( ph -> M e. ZZ ) $.
  expcand.e3 $e |- ( ph -> N e. ZZ ) $.
  expcand.e4 $e |- ( ph -> 1 < A ) $.
  expcand.e5 $e |- ( ph -> ( A ^ M ) = ( A ^ N ) ) $.
  $( Ordering relationship for exponentiation. (Contributed by Mario Carneiro, 28-May-2016.) $)
  expcand $p |- ( ph -> M = N ) $= ( cexp co wceq cr wcel cz c1 clt wbr wb expcan syl31anc mpbid ) ABCJKBD JKLZCDLZIABMNCONDONPBQRUCUDSEFGHBCDTUAUB $.
$}
$( Extend the definition of a class to include the set size function. $)
chash $a class # $.
$( Extend class notation to include a function for the absolute value (modulus) of a complex number. $)
cabs $a class abs $.
$( A nonnegative number is its own absolute value. (Contributed by NM, 11-Oct-1999.) (Revised by Mario Carneiro, 29-May-2016.) $)
absid $a |- ( ( A e. RR /\ 0 <_ A ) -> ( abs ` A ) = A ) $.
$( A negative number is the negative of its own absolute value. (Contributed by NM, 27-Feb-2005.) $)
absnid $a |- ( ( A e. RR /\ A <_ 0 ) -> ( abs ` A ) = -u A ) $.
$( The absolute value of a real number is either that number or its negative. (Contributed by NM, 27-Feb-2005.) $)
absor $p |- ( A e. RR -> ( ( abs ` A ) = A \/ ( abs ` A ) = -u A ) ) $= ( cr wcel cc0 cle wbr wo cabs cfv wceq cneg 0re letric mpan absid ex absnid orim12d mpd ) ABCZDAEFZADEFZGZAHIZAJZUDAKJZGDBCTUCLDAMNTUAUEUBUFTUAUEAOPTUB UFAQPRS $.
$( Extend the definition of a class to include the divides relation. See ~ df-dvds . $)
cdvds $a class || $.
$( If an integer divides another, it divides a multiple of it. (Contributed by Paul Chapman, 17-Nov-2012.) $)
dvdsmultr1 $a |- ( ( K e. ZZ /\ M e. ZZ /\ N e. ZZ ) -> ( K || M -> K || ( M x. N ) ) ) $.
${
  dvdsmultr1d.e1 $e |- ( ph -> K e. ZZ ) $.
  dvdsmultr1d.e2 $e |- ( ph -> M e. ZZ ) $.
  dvdsmultr1d.e3 $e |- ( ph -> N e. ZZ ) $.
  dvdsmultr1d.e4 $e |- ( ph -> K || M ) $.
  $( Natural deduction form of ~ dvdsmultr1 . (Contributed by Stanislas Polu, 9-Mar-2020.) $)
  dvdsmultr1d $p |- ( ph -> K || ( M x. N ) ) $= ( cdvds wbr cmul co cz wcel wi dvdsmultr1 syl3anc mpd ) ABCIJZBCDKLIJZHAB MNCMNDMNSTOEFGBCDPQR $.
$}
$( Extend class notation with the class of all base set extractors. $)
cbs $a class Base $.
$( Extend class notation with group (addition) operation. $)
cplusg $a class +g $.
$( Extend class notation with ring multiplication. $)
cmulr $a class .r $.
$( Extend class notation with less-than-or-equal for posets. $)
cple $a class le $.
${
  grpplusgx.e1 $e |- B e. _V $.
  grpplusgx.e2 $e |- .+ e. _V $.
  grpplusgx.e3 $e |- G = { <. 1 , B >. , <. 2 , .+ >. } $.
  $( The operation of an explicitly given group. Note: This theorem has hard-coded structure indices for demonstration purposes. It is not intended for general use; use ~ grpplusg instead. (New usage is discouraged.) (Contributed by NM, 17-Oct-2012.) $)
  grpplusgx $a |- .+ = ( +g ` G ) $.
$}
$( Extend class notation with group identity element. $)
c0g $a class 0g $.
$( Extend class notation with poset join. $)
cjn $a class join $.
$( Extend class notation with poset meet. $)
cmee $a class meet $.
${
  lejoin1.e1 $e |- B = ( Base ` K ) $.
  lejoin1.e2 $e |- .<_ = ( le ` K ) $.
  lejoin1.e3 $e |- .\/ = ( join ` K ) $.
  lejoin1.e4 $e |- ( ph -> K e. V ) $.
  lejoin1.e5 $e |- ( ph -> X e. B ) $.
  lejoin1.e6 $e |- ( ph -> Y e. B ) $.
  lejoin1.e7 $e |- ( ph -> <. X , Y >. e. dom .\/ ) $.
  $( A join's first argument is less than or equal to the join. (Contributed by NM, 16-Sep-2011.) $)
  lejoin1 $a |- ( ph -> X .<_ ( X .\/ Y ) ) $.
$}
$( Extend class notation with the class of all lattices. $)
clat $a class Lat $.
${
  latcl2.e1 $e |- B = ( Base ` K ) $.
  latcl2.e2 $e |- .\/ = ( join ` K ) $.
  latcl2.e3 $e |- ./\ = ( meet ` K ) $.
  latcl2.e4 $e |- ( ph -> K e. Lat ) $.
  latcl2.e5 $e |- ( ph -> X e. B ) $.
  latcl2.e6 $e |- ( ph -> Y e. B ) $.
  $( The join and meet of any two elements exist. (Contributed by NM, 14-Sep-2018.) $)
  latcl2 $a |- ( ph -> ( <. X , Y >. e. dom .\/ /\ <. X , Y >. e. dom ./\ ) ) $.
$}
${
  latlej1.e1 $e |- B = ( Base ` K ) $.
  latlej1.e2 $e |- .<_ = ( le ` K ) $.
  latlej1.e3 $e |- .\/ = ( join ` K ) $.
  $( A join's first argument is less than or equal to the join. ( ~ chub1 analog.) (Contributed by NM, 17-Sep-2011.) $)
  latlej1 $p |- ( ( K e. Lat /\ X e. B /\ Y e. B ) -> X .<_ ( X .\/ Y ) ) $= ( clat wcel w3a simp1 simp2 simp3 cop cdm cmee cfv eqid latcl2 lejoin1 simpld ) CJKZEAKZFAKZLZABCDJEFGHIUDUEUFMZUDUEUFNZUDUEUFOZUGEFPZBQKUKCRSZQ KUGABCULEFGIULTUHUIUJUAUCUB $.
$}
${
  $d B e $.
  $d B x $.
  $d G e $.
  $d G x $.
  $d e x $.
  grpidval.e1 $e |- B = ( Base ` G ) $.
  grpidval.e2 $e |- .+ = ( +g ` G ) $.
  grpidval.e3 $e |- .0. = ( 0g ` G ) $.
  $( The value of the identity element of a group. (Contributed by NM, 20-Aug-2011.) (Revised by Mario Carneiro, 2-Oct-2015.) $)
  grpidval $a |- .0. = ( iota e ( e e. B /\ A. x e. B ( ( e .+ x ) = x /\ ( x .+ e ) = x ) ) ) $.
$}
$( Extend class notation with class of all monoids. $)
cmnd $a class Mnd $.
${
  mndcl.e1 $e |- B = ( Base ` G ) $.
  mndcl.e2 $e |- .+ = ( +g ` G ) $.
  $( Closure of the operation of a monoid. (Contributed by NM, 14-Aug-2011.) (Revised by Mario Carneiro, 6-Jan-2015.) (Proof shortened by AV, 8-Feb-2020.) $)
  mndcl $a |- ( ( G e. Mnd /\ X e. B /\ Y e. B ) -> ( X .+ Y ) e. B ) $.
$}
${
  mnd12g.e1 $e |- B = ( Base ` G ) $.
  mnd12g.e2 $e |- .+ = ( +g ` G ) $.
  mnd12g.e3 $e |- ( ph -> G e. Mnd ) $.
  mnd12g.e4 $e |- ( ph -> X e. B ) $.
  mnd12g.e5 $e |- ( ph -> Y e. B ) $.
  mnd12g.e6 $e |- ( ph -> Z e. B ) $.
  mnd12g.e7 $e |- ( ph -> ( X .+ Y ) = ( Y .+ X ) ) $.
  $( Commutative/associative law for monoids, with an explicit commutativity hypothesis. (Contributed by Mario Carneiro, 21-Apr-2016.) $)
  mnd12g $a |- ( ph -> ( X .+ ( Y .+ Z ) ) = ( Y .+ ( X .+ Z ) ) ) $.
$}
${
  mndidcl.e1 $e |- B = ( Base ` G ) $.
  mndidcl.e2 $e |- .0. = ( 0g ` G ) $.
  $( The identity element of a monoid belongs to the monoid. (Contributed by NM, 27-Aug-2011.) (Revised by Mario Carneiro, 27-Dec-2014.) $)
  mndidcl $a |- ( G e. Mnd -> .0. e. B ) $.
$}
${
  mndlid.e1 $e |- B = ( Base ` G ) $.
  mndlid.e2 $e |- .+ = ( +g ` G ) $.
  mndlid.e3 $e |- .0. = ( 0g ` G ) $.
  $( The identity element of a monoid is a left identity. (Contributed by NM, 18-Aug-2011.) $)
  mndlid $a |- ( ( G e. Mnd /\ X e. B ) -> ( .0. .+ X ) = X ) $.
$}
$( Extend class notation with class of all groups. $)
cgrp $a class Grp $.
$( Extend class notation with group subtraction (or division) operation. $)
csg $a class -g $.
$( A group is a monoid. (Contributed by Mario Carneiro, 6-Jan-2015.) $)
grpmnd $a |- ( G e. Grp -> G e. Mnd ) $.
${
  $d B x $.
  $d B y $.
  $d K x $.
  $d K y $.
  $d L x $.
  $d L y $.
  $d ph x $.
  $d ph y $.
  $d x y $.
  grppropd.e1 $e |- ( ph -> B = ( Base ` K ) ) $.
  grppropd.e2 $e |- ( ph -> B = ( Base ` L ) ) $.
  grppropd.e3 $e |- ( ( ph /\ ( x e. B /\ y e. B ) ) -> ( x ( +g ` K ) y ) = ( x ( +g ` L ) y ) ) $.
  $( If two structures have the same group components (properties), one is a group iff the other one is. (Contributed by Stefan O'Rear, 27-Nov-2014.) (Revised by Mario Carneiro, 2-Oct-2015.) $)
  grppropd $a |- ( ph -> ( K e. Grp <-> L e. Grp ) ) $.
$}
${
  grpidcl.e1 $e |- B = ( Base ` G ) $.
  grpidcl.e2 $e |- .0. = ( 0g ` G ) $.
  $( The identity element of a group belongs to the group. (Contributed by NM, 27-Aug-2011.) (Revised by Mario Carneiro, 27-Dec-2014.) $)
  grpidcl $p |- ( G e. Grp -> .0. e. B ) $= ( cgrp wcel cmnd grpmnd mndidcl syl ) BFGBHGCAGBIABCDEJK $.
$}
${
  grplid.e1 $e |- B = ( Base ` G ) $.
  grplid.e2 $e |- .+ = ( +g ` G ) $.
  grplid.e3 $e |- .0. = ( 0g ` G ) $.
  $( The identity element of a group is a left identity. (Contributed by NM, 18-Aug-2011.) $)
  grplid $p |- ( ( G e. Grp /\ X e. B ) -> ( .0. .+ X ) = X ) $= ( cgrp wcel cmnd co wceq grpmnd mndlid sylan ) CIJCKJDAJEDBLDMCNABCDEFGHO P $.
$}
$( Extend class notation with class of all commutative monoids. $)
ccmn $a class CMnd $.
$( Extend class notation with class of all Abelian groups. $)
cabl $a class Abel $.
$( Define class of all Abelian groups. (Contributed by NM, 17-Oct-2011.) (Revised by Mario Carneiro, 6-Jan-2015.) $)
df-abl $a |- Abel = ( Grp i^i CMnd ) $.
$( The predicate "is an Abelian (commutative) group." (Contributed by NM, 17-Oct-2011.) $)
isabl $a |- ( G e. Abel <-> ( G e. Grp /\ G e. CMnd ) ) $.
${
  $d B x $.
  $d B y $.
  $d K x $.
  $d K y $.
  $d L x $.
  $d L y $.
  $d ph x $.
  $d ph y $.
  $d x y $.
  cmnpropd.e1 $e |- ( ph -> B = ( Base ` K ) ) $.
  cmnpropd.e2 $e |- ( ph -> B = ( Base ` L ) ) $.
  cmnpropd.e3 $e |- ( ( ph /\ ( x e. B /\ y e. B ) ) -> ( x ( +g ` K ) y ) = ( x ( +g ` L ) y ) ) $.
  $( If two structures have the same group components (properties), one is a commutative monoid iff the other one is. (Contributed by Mario Carneiro, 6-Jan-2015.) $)
  cmnpropd $a |- ( ph -> ( K e. CMnd <-> L e. CMnd ) ) $.
$}
${
  $d B x $.
  $d B y $.
  $d K x $.
  $d K y $.
  $d L x $.
  $d L y $.
  $d ph x $.
  $d ph y $.
  $d x y $.
  ablpropd.e1 $e |- ( ph -> B = ( Base ` K ) ) $.
  ablpropd.e2 $e |- ( ph -> B = ( Base ` L ) ) $.
  ablpropd.e3 $e |- ( ( ph /\ ( x e. B /\ y e. B ) ) -> ( x ( +g ` K ) y ) = ( x ( +g ` L ) y ) ) $.
  $( If two structures have the same group components (properties), one is an Abelian group iff the other one is. (Contributed by NM, 6-Dec-2014.) $)
  ablpropd $p |- ( ph -> ( K e. Abel <-> L e. Abel ) ) $= ( cgrp wcel ccmn wa cabl grppropd cmnpropd anbi12d isabl 3bitr4g ) AEJKZE LKZMFJKZFLKZMENKFNKATUBUAUCABCDEFGHIOABCDEFGHIPQERFRS $.
$}
$( A commutative monoid is a monoid. (Contributed by Mario Carneiro, 6-Jan-2015.) $)
cmnmnd $a |- ( G e. CMnd -> G e. Mnd ) $.
${
  cmncom.e1 $e |- B = ( Base ` G ) $.
  cmncom.e2 $e |- .+ = ( +g ` G ) $.
  $( A commutative monoid is commutative. (Contributed by Mario Carneiro, 6-Jan-2015.) $)
  cmncom $a |- ( ( G e. CMnd /\ X e. B /\ Y e. B ) -> ( X .+ Y ) = ( Y .+ X ) ) $.
$}
${
  ablcom.e1 $e |- B = ( Base ` G ) $.
  ablcom.e2 $e |- .+ = ( +g ` G ) $.
  $( An Abelian group operation is commutative. (Contributed by NM, 26-Aug-2011.) $)
  ablcom $a |- ( ( G e. Abel /\ X e. B /\ Y e. B ) -> ( X .+ Y ) = ( Y .+ X ) ) $.
$}
${
  $d .+ x $.
  $d .+ y $.
  $d .+ z $.
  $d B x $.
  $d B y $.
  $d B z $.
  $d G x $.
  $d G y $.
  $d G z $.
  $d W x $.
  $d W y $.
  $d W z $.
  $d X x $.
  $d X y $.
  $d X z $.
  $d Y x $.
  $d Y y $.
  $d Y z $.
  $d Z x $.
  $d Z y $.
  $d Z z $.
  $d x y $.
  $d x z $.
  $d y z $.
  cmn12.e1 $e |- B = ( Base ` G ) $.
  cmn12.e2 $e |- .+ = ( +g ` G ) $.
  $( Commutative/associative law for Abelian monoids. (Contributed by Stefan O'Rear, 5-Sep-2015.) (Revised by Mario Carneiro, 21-Apr-2016.) $)
  cmn12 $p |- ( ( G e. CMnd /\ ( X e. B /\ Y e. B /\ Z e. B ) ) -> ( X .+ ( Y .+ Z ) ) = ( Y .+ ( X .+ Z ) ) ) $= ( ccmn wcel w3a wa cmnd cmnmnd adantr simpr1 simpr2 simpr3 co wceq cmncom 3adant3r3 mnd12g ) CIJZDAJZEAJZFAJZKZLABCDEFGHUDCMJUHCNOUDUEUFUGPUDUEUFUG QUDUEUFUGRUDUEUFDEBSEDBSTUGABCDEGHUAUBUC $.
$}
${
  ablsubsub4.e1 $e |- B = ( Base ` G ) $.
  ablsubsub4.e2 $e |- .+ = ( +g ` G ) $.
  ablsubsub4.e3 $e |- .- = ( -g ` G ) $.
  ablsubsub4.e4 $e |- ( ph -> G e. Abel ) $.
  ablsubsub4.e5 $e |- ( ph -> X e. B ) $.
  ablsubsub4.e6 $e |- ( ph -> Y e. B ) $.
  ablsubsub4.e7 $e |- ( ph -> Z e. B ) $.
  $( Law for double subtraction. (Contributed by NM, 7-Apr-2015.) $)
  ablsubsub4 $a |- ( ph -> ( ( X .- Y ) .- Z ) = ( X .- ( Y .+ Z ) ) ) $.
$}
${
  ablsub32.e1 $e |- B = ( Base ` G ) $.
  ablsub32.e2 $e |- .- = ( -g ` G ) $.
  ablsub32.e3 $e |- ( ph -> G e. Abel ) $.
  ablsub32.e4 $e |- ( ph -> X e. B ) $.
  ablsub32.e5 $e |- ( ph -> Y e. B ) $.
  ablsub32.e6 $e |- ( ph -> Z e. B ) $.
  $( Swap the second and third terms in a double subtraction. (Contributed by NM, 7-Apr-2015.) $)
  ablsub32 $p |- ( ph -> ( ( X .- Y ) .- Z ) = ( ( X .- Z ) .- Y ) ) $= ( cplusg cfv co cabl wcel wceq ablsubsub4 ablcom syl3anc oveq2d 3eqtr4d eqid ) AEFGCNOZPZDPEGFUFPZDPEFDPGDPEGDPFDPAUGUHEDACQRFBRGBRUGUHSJLMBUFCFG HUFUEZUAUBUCABUFCDEFGHUIIJKLMTABUFCDEGFHUIIJKMLTUD $.
$}
$( Multiplicative group. $)
cmgp $a class mulGrp $.
${
  mgpplusg.e1 $e |- M = ( mulGrp ` R ) $.
  mgpplusg.e2 $e |- .x. = ( .r ` R ) $.
  $( Value of the group operation of the multiplication group. (Contributed by Mario Carneiro, 21-Dec-2014.) $)
  mgpplusg $a |- .x. = ( +g ` M ) $.
$}
${
  mgpbas.e1 $e |- M = ( mulGrp ` R ) $.
  mgpbas.e2 $e |- B = ( Base ` R ) $.
  $( Base set of the multiplication group. (Contributed by Mario Carneiro, 21-Dec-2014.) (Revised by Mario Carneiro, 5-Oct-2015.) $)
  mgpbas $a |- B = ( Base ` M ) $.
$}
$( Extend class notation with ring unit. $)
cur $a class 1r $.
${
  ringidval.e1 $e |- G = ( mulGrp ` R ) $.
  ringidval.e2 $e |- .1. = ( 1r ` R ) $.
  $( The value of the unity element of a ring. (Contributed by NM, 27-Aug-2011.) (Revised by Mario Carneiro, 27-Dec-2014.) $)
  ringidval $a |- .1. = ( 0g ` G ) $.
$}
${
  $d B e $.
  $d B x $.
  $d R e $.
  $d R x $.
  $d e x $.
  dfur2.e1 $e |- B = ( Base ` R ) $.
  dfur2.e2 $e |- .x. = ( .r ` R ) $.
  dfur2.e3 $e |- .1. = ( 1r ` R ) $.
  $( The multiplicative identity is the unique element of the ring that is left- and right-neutral on all elements under multiplication. (Contributed by Mario Carneiro, 10-Jan-2015.) $)
  dfur2 $p |- .1. = ( iota e ( e e. B /\ A. x e. B ( ( e .x. x ) = x /\ ( x .x. e ) = x ) ) ) $= ( cmgp cfv eqid mgpbas mgpplusg ringidval grpidval ) ABDFCJKZEBCQQLZGMCDQ RHNCEQRIOP $.
$}
$( Extend class notation with class of all (unital) rings. $)
crg $a class Ring $.
${
  ringmgp.e1 $e |- G = ( mulGrp ` R ) $.
  $( A ring is a monoid under multiplication. (Contributed by Mario Carneiro, 6-Jan-2015.) $)
  ringmgp $a |- ( R e. Ring -> G e. Mnd ) $.
$}
${
  ringcl.e1 $e |- B = ( Base ` R ) $.
  ringcl.e2 $e |- .x. = ( .r ` R ) $.
  $( Closure of the multiplication operation of a ring. (Contributed by NM, 26-Aug-2011.) (Revised by Mario Carneiro, 6-Jan-2015.) $)
  ringcl $p |- ( ( R e. Ring /\ X e. B /\ Y e. B ) -> ( X .x. Y ) e. B ) $= ( crg wcel cmgp cfv cmnd co eqid ringmgp mgpbas mgpplusg mndcl syl3an1 ) BHIBJKZLIDAIEAIDECMAIBTTNZOACTDEABTUAFPBCTUAGQRS $.
$}
${
  ringidcl.e1 $e |- B = ( Base ` R ) $.
  ringidcl.e2 $e |- .1. = ( 1r ` R ) $.
  $( The unit element of a ring belongs to the base set of the ring. (Contributed by NM, 27-Aug-2011.) (Revised by Mario Carneiro, 27-Dec-2014.) $)
  ringidcl $a |- ( R e. Ring -> .1. e. B ) $.
$}
${
  0ring.e1 $e |- B = ( Base ` R ) $.
  0ring.e2 $e |- .0. = ( 0g ` R ) $.
  $( If a ring has only one element, it is the zero ring. According to Wikipedia ("Zero ring", 14-Apr-2019, ~ https://en.wikipedia.org/wiki/Zero_ring): "The zero ring, denoted {0} or simply 0, consists of the one-element set {0} with the operations + and * defined so that 0 + 0 = 0 and 0 * 0 = 0.". $)
  0ring $a |- ( ( R e. Ring /\ ( # ` B ) = 1 ) -> B = { .0. } ) $.
$}
${
  0ring01eq.e1 $e |- B = ( Base ` R ) $.
  0ring01eq.e2 $e |- .0. = ( 0g ` R ) $.
  0ring01eq.e3 $e |- .1. = ( 1r ` R ) $.
  $( In a ring with only one element, i.e. a zero ring, the zero and the identity element are the same. (Contributed by AV, 14-Apr-2019.) $)
  0ring01eq $p |- ( ( R e. Ring /\ ( # ` B ) = 1 ) -> .0. = .1. ) $= ( crg wcel chash cfv c1 wceq wa csn 0ring wi ringidcl eleq2 elsni syl5com eqcomd syl6bi adantr mpd ) BHIZAJKLMZNADOZMZDCMZABDEFPUFUIUJQUGUFCAIZUIUJ ABCEGRUIUKCUHIZUJAUHCSULCDCDTUBUCUAUDUE $.
$}
$( Extend class notation with the class of all topologies. $)
ctop $a class Top $.
$( The class function of all topologies over a base set. $)
ctopon $a class TopOn $.
${
  topopn.e1 $e |- X = U. J $.
  $( The underlying set of a topology is an open set. (Contributed by NM, 17-Jul-2006.) $)
  topopn $a |- ( J e. Top -> X e. J ) $.
$}
$( Property of being a topology with a given base set. (Contributed by Stefan O'Rear, 31-Jan-2015.) (Revised by Mario Carneiro, 13-Aug-2015.) $)
istopon $a |- ( J e. ( TopOn ` B ) <-> ( J e. Top /\ B = U. J ) ) $.
$( A topology on a given base set is a topology. (Contributed by Mario Carneiro, 13-Aug-2015.) $)
topontop $a |- ( J e. ( TopOn ` B ) -> J e. Top ) $.
$( The base set of a topology on a given base set. (Contributed by Mario Carneiro, 13-Aug-2015.) $)
toponuni $a |- ( J e. ( TopOn ` B ) -> B = U. J ) $.
$( The base set of a topology is an open set. (Contributed by Mario Carneiro, 13-Aug-2015.) $)
toponmax $p |- ( J e. ( TopOn ` B ) -> B e. J ) $= ( ctopon cfv wcel cuni toponuni ctop topontop eqid topopn syl eqeltrd ) BAC DEZABFZBABGNBHEOBEABIBOOJKLM $.
${
  toponunii.e1 $e |- J e. ( TopOn ` B ) $.
  $( The base set of a topology on a given base set. (Contributed by Mario Carneiro, 13-Aug-2015.) $)
  toponunii $a |- B = U. J $.
$}
${
  toptopon.e1 $e |- X = U. J $.
  $( Alternative definition of ` Top ` in terms of ` TopOn ` . (Contributed by Mario Carneiro, 13-Aug-2015.) $)
  toptopon $p |- ( J e. Top <-> J e. ( TopOn ` X ) ) $= ( ctopon cfv wcel ctop cuni wceq istopon mpbiran2 bicomi ) ABDEFZAGFZMNBA HICBAJKL $.
$}
$( A lemma to eliminate some sethood hypotheses when dealing with the indiscrete topology. (Contributed by Mario Carneiro, 14-Aug-2015.) $)
indislem $a |- { (/) , ( _I ` A ) } = { (/) , A } $.
$( The indiscrete topology on a set ` A ` . Part of Example 2 in [Munkres] p. 77. (Contributed by Mario Carneiro, 13-Aug-2015.) $)
indistopon $a |- ( A e. V -> { (/) , A } e. ( TopOn ` A ) ) $.
${
  $d A x $.
  $d A y $.
  $d V x $.
  $d V y $.
  $d x y $.
  $( The base set of the indiscrete topology. (Contributed by Mario Carneiro, 14-Aug-2015.) $)
  indisuni $p |- ( _I ` A ) = U. { (/) , A } $= ( cid cfv c0 cpr ctopon indislem cvv wcel fvex indistopon ax-mp toponunii eqeltrri ) ABCZDAEZDOEZPOFCZAGOHIQRIABJOHKLNM $.
$}
$( Extend class notation with the set of closed sets of a topology. $)
ccld $a class Clsd $.
$( Extend class notation with closure of a subset of a topology base set. $)
ccl $a class cls $.
${
  $d J x $.
  $d X x $.
  cldval.e1 $e |- X = U. J $.
  $( The set of closed sets of a topology. (Note that the set of open sets is just the topology itself, so we don't have a separate definition.) (Contributed by NM, 2-Oct-2006.) (Revised by Mario Carneiro, 11-Nov-2013.) $)
  cldval $a |- ( J e. Top -> ( Clsd ` J ) = { x e. ~P X | ( X \ x ) e. J } ) $.
$}
$( Reverse closure of the closed set operation. (Contributed by Stefan O'Rear, 22-Feb-2015.) $)
cldrcl $a |- ( C e. ( Clsd ` J ) -> J e. Top ) $.
${
  $d J x $.
  $d J y $.
  $d J z $.
  $d S x $.
  $d S y $.
  $d S z $.
  $d T x $.
  $d X x $.
  $d X y $.
  $d X z $.
  $d x y $.
  $d x z $.
  $d y z $.
  iscld.e1 $e |- X = U. J $.
  $( The predicate " ` S ` is a closed set." (Contributed by NM, 2-Oct-2006.) (Revised by Mario Carneiro, 11-Nov-2013.) $)
  iscld $p |- ( J e. Top -> ( S e. ( Clsd ` J ) <-> ( S C_ X /\ ( X \ S ) e. J ) ) ) $= ( vx.wal ctop wcel ccld cfv cpw cdif wa wss cv crab cldval eleq2d wceq difeq2 eleq1d elrab syl6bb wb topopn elpw2g syl anbi1d bitrd ) BFGZABHIZGZACJZGZ CAKZBGZLZACMZUOLUIUKACENZKZBGZEULOZGUPUIUJVAAEBCDPQUTUOEAULURARUSUNBURACS TUAUBUIUMUQUOUICBGUMUQUCBCDUDACBUEUFUGUH $.
$}
${
  cldss.e1 $e |- X = U. J $.
  $( A closed set is a subset of the underlying set of a topology. (Contributed by NM, 5-Oct-2006.) (Revised by Stefan O'Rear, 22-Feb-2015.) $)
  cldss $a |- ( S e. ( Clsd ` J ) -> S C_ X ) $.
$}
$( A closed subset equals its own closure. (Contributed by NM, 15-Mar-2007.) $)
cldcls $a |- ( S e. ( Clsd ` J ) -> ( ( cls ` J ) ` S ) = S ) $.
${
  clsss.e1 $e |- X = U. J $.
  $( Subset relationship for closure. (Contributed by NM, 10-Feb-2007.) $)
  clsss $a |- ( ( J e. Top /\ S C_ X /\ T C_ S ) -> ( ( cls ` J ) ` T ) C_ ( ( cls ` J ) ` S ) ) $.
$}
${
  $d A x $.
  $d J x $.
  $d J y $.
  $d J z $.
  $d S x $.
  $d S y $.
  $d S z $.
  $d T x $.
  $d X x $.
  $d X y $.
  $d X z $.
  $d x y $.
  $d x z $.
  $d y z $.
  clsss2.e1 $e |- X = U. J $.
  $( If a subset is included in a closed set, so is the subset's closure. (Contributed by NM, 22-Feb-2007.) $)
  clsss2 $p |- ( ( C e. ( Clsd ` J ) /\ S C_ C ) -> ( ( cls ` J ) ` S ) C_ C ) $= ( ccld cfv wcel wss ccl ctop cldrcl adantr cldss simpr clsss syl3anc wceq wa cldcls sseqtrd ) ACFGHZBAIZSZBCJGZGZAUEGZAUDCKHZADIZUCUFUGIUBUHUCACLMU BUIUCACDENMUBUCOABCDEPQUBUGARUCACTMUA $.
$}
${
  usgraex1elv.e1 $e |- V = ( 0 ... 4 ) $.
  $( Lemma 1 for ~ usgraexmpl . (Contributed by Alexander van der Vekens, 13-Aug-2017.) $)
  usgraex1elv $a |- 1 e. V $.
$}
$( Extend wff notation with the 4-way conjunction. (New usage is discouraged.) $)
w-bnj17 $a wff ( ph /\ ps /\ ch /\ th ) $.
${
  bnj708.e1 $e |- ( th -> ta ) $.
  $( ` /\ ` -manipulation. (Contributed by Jonathan Ben-Naim, 3-Jun-2011.) (New usage is discouraged.) $)
  bnj708 $a |- ( ( ph /\ ps /\ ch /\ th ) -> ta ) $.
$}
${
  bnj1254.e1 $e |- ( ph <-> ( ps /\ ch /\ th /\ ta ) ) $.
  $( First-order logic and set theory. (Contributed by Jonathan Ben-Naim, 3-Jun-2011.) (New usage is discouraged.) $)
  bnj1254 $p |- ( ph -> ta ) $= ( w-bnj17 id bnj708 sylbi ) ABCDEGEFBCDEEEHIJ $.
$}
$( A more general form of ~ hbnt . (Contributed by Scott Fenton, 13-Dec-2010.) $)
hbntg $p |- ( A. x ( ph -> A. x ps ) -> ( -. ps -> A. x -. ph ) ) $= ( wn wal wi axc7 con1i con3 al2imi syl5 ) BDBCEZDZCEZALFZCEADZCENBBCGHOMPCA LIJK $.
${
  bj-alrimih.e1 $e |- ( ph -> A. x ps ) $.
  bj-alrimih.e2 $e |- ( ps -> ch ) $.
  $( The general theorem that ~ alrimih proves. (Contributed by BJ, 4-Oct-2019.) $)
  bj-alrimih $a |- ( ph -> A. x ch ) $.
$}
${
  bj-exlime.e1 $e |- ( E. x ps -> ps ) $.
  bj-exlime.e2 $e |- ( ph -> ps ) $.
  $( Variant of ~ exlimih where the non-freeness of ` x ` in ` ps ` is expressed using an existential quantifier. (Contributed by BJ, 17-Mar-2020.) $)
  bj-exlime $a |- ( E. x ph -> ps ) $.
$}
${
  bj-exaleximi.e1 $e |- ( ph -> ( ps -> ch ) ) $.
  $( An inference for distributing quantifiers over a double implication. (Almost) the general statement that ~ speimfw proves. (Contributed by BJ, 29-Sep-2019.) $)
  bj-exaleximi $a |- ( E. x ph -> ( A. x ps -> E. x ch ) ) $.
$}
${
  bj-exalimi.e1 $e |- ( ph -> ( ps -> ch ) ) $.
  bj-exalimi.e2 $e |- ( E. x ph -> ( -. ch -> A. x -. ch ) ) $.
  $( An inference for distributing quantifiers over a double implication. (Almost) the general statement that ~ spimfw proves. (Contributed by BJ, 29-Sep-2019.) $)
  bj-exalimi $p |- ( E. x ph -> ( A. x ps -> ch ) ) $= ( wex wal bj-exaleximi wn wi eximal sylibr syld ) ADGZBDHCDGZCABCDEIOCJZQ DHKPCKFCCDLMN $.
$}
$( Closed form of ~ hbal . When in main part, prove ~ hbal and ~ hbald from it. (Contributed by BJ, 2-May-2019.) $)
bj-hbalt $p |- ( A. y ( ph -> A. x ph ) -> ( A. y ph -> A. x A. y ph ) ) $= ( wal wi alim ax-11 syl6 ) AABDZECDACDZICDJBDAICFACBGH $.
$( The predicate-calculus version of the axiom (B) of modal logic. See also ~ modal-b . (Contributed by BJ, 20-Oct-2019.) $)
bj-modalbe $p |- ( ph -> A. x E. x ph ) $= ( wn wal wex modal-b df-ex biimpri bj-alrimih ) AACBDCZABEZBABFKJABGHI $.
$( Abelian groups are groups. (Contributed by BJ, 9-Jun-2019.) (Proof modification is discouraged.) $)
bj-ablssgrp $p |- Abel C_ Grp $= ( cabl cgrp ccmn cin df-abl inss1 eqsstri ) ABCDBEBCFG $.
$( From a wff and its negation, anything follows. Theorem *2.21 of [WhiteheadRussell] p. 104. Also called the Duns Scotus law. Copy of ~ pm2.21 with a different proof. (Contributed by Wolf Lammen, 17-Dec-2018.) (New usage is discouraged.) (Proof modification is discouraged.) $)
wl-pm2.21 $a |- ( -. ph -> ( ph -> ps ) ) $.
${
  wl-ja.e1 $e |- ( -. ph -> ch ) $.
  wl-ja.e2 $e |- ( ps -> ch ) $.
  $( Inference joining the antecedents of two premises. Copy of ~ ja with a different proof. (Contributed by Wolf Lammen, 17-Dec-2018.) (New usage is discouraged.) (Proof modification is discouraged.) $)
  wl-ja $a |- ( ( ph -> ps ) -> ch ) $.
$}
$( A closed form of syllogism (see ~ syl ). Theorem *2.05 of [WhiteheadRussell] p. 100. Copy of ~ imim2 with a different proof. (Contributed by Wolf Lammen, 17-Dec-2018.) (New usage is discouraged.) (Proof modification is discouraged.) $)
wl-imim2 $a |- ( ( ph -> ps ) -> ( ( ch -> ph ) -> ( ch -> ps ) ) ) $.
${
  wl-a1d.e1 $e |- ( ph -> ps ) $.
  $( Deduction introducing an embedded antecedent. Copy of ~ imim2 with a different proof. (Contributed by Wolf Lammen, 17-Dec-2018.) (New usage is discouraged.) (Proof modification is discouraged.) $)
  wl-a1d $a |- ( ph -> ( ch -> ps ) ) $.
$}
$( ~ ax-2 proved from Lukasiewicz's axioms. (Contributed by Wolf Lammen, 17-Dec-2018.) (New usage is discouraged.) (Proof modification is discouraged.) $)
wl-ax2 $p |- ( ( ph -> ( ps -> ch ) ) -> ( ( ph -> ps ) -> ( ph -> ch ) ) ) $= ( wi wn wl-pm2.21 wl-a1d wl-imim2 wl-ja ) ABCDABDZACDZDAEKJACFGBCAHI $.
$( Being free does not depend on an outside negation in an expression. This theorem is slightly more general than ~ nfn or ~ nfnd . (Contributed by Wolf Lammen, 5-May-2018.) $)
wl-nfnbi $p |- ( F/ x ph <-> F/ x -. ph ) $= ( wnf wn nfnt notnot nfxfrd impbii ) ABCADZBCZABEAIDJBAFIBEGH $.
$( A Tseitin axiom for logical conjunction, in deduction form. (Contributed by Giovanni Mascellani, 24-Mar-2018.) $)
tsan2 $a |- ( th -> ( ph \/ -. ( ph /\ ps ) ) ) $.
$( A Tseitin axiom for logical incompatibility, in deduction form. (Contributed by Giovanni Mascellani, 24-Mar-2018.) $)
tsna2 $p |- ( th -> ( ph \/ ( ph -/\ ps ) ) ) $= ( wa wn wo wnan tsan2 df-nan orbi2i sylibr ) CAABDEZFAABGZFABCHMLAABIJK $.
$( Theorem *11.33 in [WhiteheadRussell] p. 162. Theorem 19.15 of [Margaris] p. 90 with 2 quantifiers. (Contributed by Andrew Salmon, 24-May-2011.) $)
2albi $p |- ( A. x A. y ( ph <-> ps ) -> ( A. x A. y ph <-> A. x A. y ps ) ) $= ( wb wal albi alimi syl ) ABEDFZCFADFZBDFZEZCFKCFLCFEJMCABDGHKLCGI $.
${
  bi123imp0.e1 $e |- ( ph <-> ( ps <-> ( ch <-> th ) ) ) $.
  $( Similar to ~ 3imp except all implications are biconditionals. (Contributed by Alan Sare, 6-Nov-2017.) $)
  bi123imp0 $p |- ( ( ph /\ ps /\ ch ) -> th ) $= ( wb wi biimp syl6 sylbi 3imp ) ABCDABCDFZFZBCDGZGEMBLNBLHCDHIJK $.
$}
${
  ee222.e1 $e |- ( ph -> ( ps -> ch ) ) $.
  ee222.e2 $e |- ( ph -> ( ps -> th ) ) $.
  ee222.e3 $e |- ( ph -> ( ps -> ta ) ) $.
  ee222.e4 $e |- ( ch -> ( th -> ( ta -> et ) ) ) $.
  $( ~ e222 without virtual deduction connectives. Special theorem needed for the Virtual Deduction translation tool. (Contributed by Alan Sare, 7-Jul-2011.) (Proof modification is discouraged.) (New usage is discouraged.) $)
  ee222 $a |- ( ph -> ( ps -> et ) ) $.
$}
${
  ee200.e1 $e |- ( ph -> ( ps -> ch ) ) $.
  ee200.e2 $e |- th $.
  ee200.e3 $e |- ta $.
  ee200.e4 $e |- ( ch -> ( th -> ( ta -> et ) ) ) $.
  $( ~ e200 without virtual deductions. (Contributed by Alan Sare, 13-Jul-2011.) (Proof modification is discouraged.) (New usage is discouraged.) $)
  ee200 $p |- ( ph -> ( ps -> et ) ) $= ( wi a1i ee222 ) ABCDEFGBDKADBHLLBEKAEBILLJM $.
$}
${
  ee210.e1 $e |- ( ph -> ( ps -> ch ) ) $.
  ee210.e2 $e |- ( ph -> th ) $.
  ee210.e3 $e |- ta $.
  ee210.e4 $e |- ( ch -> ( th -> ( ta -> et ) ) ) $.
  $( ~ e210 without virtual deductions. (Contributed by Alan Sare, 14-Jul-2011.) (Proof modification is discouraged.) (New usage is discouraged.) $)
  ee210 $p |- ( ph -> ( ps -> et ) ) $= ( a1d wi a1i ee222 ) ABCDEFGADBHKBELAEBIMMJN $.
$}
${
  ee120.e1 $e |- ( ph -> ps ) $.
  ee120.e2 $e |- ( ph -> ( ch -> th ) ) $.
  ee120.e3 $e |- ta $.
  ee120.e4 $e |- ( ps -> ( th -> ( ta -> et ) ) ) $.
  $( Virtual deduction rule ~ e120 without virtual deduction symbols. (Contributed by Alan Sare, 14-Jul-2011.) (Proof modification is discouraged.) (New usage is discouraged.) $)
  ee120 $p |- ( ph -> ( ch -> et ) ) $= ( a1d wi a1i ee222 ) ACBDEFABCGKHCELAECIMMJN $.
$}
${
  e0a.e1 $e |- ph $.
  e0a.e2 $e |- ( ph -> ps ) $.
  $( Elimination rule identical to ~ ax-mp . The non-virtual deduction form is the virtual deduction form, which is ~ ax-mp . (Contributed by Alan Sare, 14-Jun-2011.) (Proof modification is discouraged.) (New usage is discouraged.) $)
  e0a $a |- ps $.
$}
${
  equncomiVD.e1 $e |- A = ( B u. C ) $.
  $( Inference form of ~ equncom . The following User's Proof is a Virtual Deduction proof completed automatically by the tools program completeusersproof.cmd, which invokes Mel L. O'Cat's mmj2 and Norm Megill's Metamath Proof Assistant. ~ equncomi is ~ equncomiVD without virtual deductions and was $)
  equncomiVD $p |- A = ( C u. B ) $= ( cun wceq equncom biimpi e0a ) ABCEFZACBEFZDJKABCGHI $.
$}
${
  $d A x $.
  $d B x $.
  $( An open interval has empty intersection with its bounds. (Contributed by Glauco Siliprandi, 11-Dec-2019.) $)
  iooinlbub $p |- ( ( A (,) B ) i^i { A , B } ) = (/) $= ( vx.wal cioo co cpr cin c0 wceq cv wcel wn disjr wo elpri lbioo eleq1 mtbiri ubioo jaoi syl mprgbir ) ABDEZABFZGHICJZUCKZLZCUDCUCUDMUEUDKUEAIZUEBIZNUG UEABOUHUGUIUHUFAUCKABPUEAUCQRUIUFBUCKABSUEBUCQRTUAUB $.
$}
${
  bothtbothsame.e1 $e |- ( ph <-> T. ) $.
  bothtbothsame.e2 $e |- ( ps <-> T. ) $.
  $( Given both a, b are equivalent to ` T. ` , there exists a proof for a is the same as b. (Contributed by Jarvin Udandy, 31-Aug-2016.) $)
  bothtbothsame $a |- ( ph <-> ps ) $.
$}
${
  bothfbothsame.e1 $e |- ( ph <-> F. ) $.
  bothfbothsame.e2 $e |- ( ps <-> F. ) $.
  $( Given both a, b are equivalent to ` F. ` , there exists a proof for a is the same as b. (Contributed by Jarvin Udandy, 31-Aug-2016.) $)
  bothfbothsame $a |- ( ph <-> ps ) $.
$}
${
  axorbciffatcxorb.e1 $e |- ( ph \/_ ps ) $.
  axorbciffatcxorb.e2 $e |- ( ch <-> ph ) $.
  $( Given a is equivalent to (not b), c is equivalent to a. there exists a proof for ( c xor b ) . (Contributed by Jarvin Udandy, 7-Sep-2016.) $)
  axorbciffatcxorb $a |- ( ch \/_ ps ) $.
$}
${
  abnotbtaxb.e1 $e |- ph $.
  abnotbtaxb.e2 $e |- -. ps $.
  $( Assuming a, not b, there exists a proof a-xor-b.) (Contributed by Jarvin Udandy, 31-Aug-2016.) $)
  abnotbtaxb $a |- ( ph \/_ ps ) $.
$}
${
  mdandyv14.e1 $e |- ( ph <-> F. ) $.
  mdandyv14.e2 $e |- ( ps <-> T. ) $.
  mdandyv14.e3 $e |- ( ch <-> F. ) $.
  mdandyv14.e4 $e |- ( th <-> T. ) $.
  mdandyv14.e5 $e |- ( ta <-> T. ) $.
  mdandyv14.e6 $e |- ( et <-> T. ) $.
  $( Given the equivalences set in the hypotheses, there exist a proof where ch, th, ta, et match ph, ps accordingly. (Contributed by Jarvin Udandy, 6-Sep-2016.) $)
  mdandyv14 $p |- ( ( ( ( ch <-> ph ) /\ ( th <-> ps ) ) /\ ( ta <-> ps ) ) /\ ( et <-> ps ) ) $= ( wb wa bothfbothsame bothtbothsame pm3.2i ) CAMZDBMZNZEBMZNFBMTUARSCAIGO DBJHPQEBKHPQFBLHPQ $.
$}
${
  mdandyvrx0.e1 $e |- ( ph \/_ ze ) $.
  mdandyvrx0.e2 $e |- ( ps \/_ si ) $.
  mdandyvrx0.e3 $e |- ( ch <-> ph ) $.
  mdandyvrx0.e4 $e |- ( th <-> ph ) $.
  mdandyvrx0.e5 $e |- ( ta <-> ph ) $.
  mdandyvrx0.e6 $e |- ( et <-> ph ) $.
  $( Given the exclusivities set in the hypotheses, there exist a proof where ch, th, ta, et exclude ze, si accordingly. (Contributed by Jarvin Udandy, 7-Sep-2016.) $)
  mdandyvrx0 $p |- ( ( ( ( ch \/_ ze ) /\ ( th \/_ ze ) ) /\ ( ta \/_ ze ) ) /\ ( et \/_ ze ) ) $= ( wxo wa axorbciffatcxorb pm3.2i ) CGOZDGOZPZEGOZPFGOUAUBSTAGCIKQAGDILQRA GEIMQRAGFINQR $.
$}
${
  mvlraddi.e1 $e |- A e. CC $.
  mvlraddi.e2 $e |- B e. CC $.
  mvlraddi.e3 $e |- ( A + B ) = C $.
  $( Move LHS right addition to RHS. (Contributed by David A. Wheeler, 11-Oct-2018.) $)
  mvlraddi $p |- A = ( C - B ) $= ( caddc co cmin pncan3oi oveq1i eqtr3i ) ABGHZBIHACBIHABDEJMCBIFKL $.
$}
$( Prove that 5 - 4 = 1. (Contributed by David A. Wheeler, 31-Jan-2017.) $)
5m4e1 $p |- ( 5 - 4 ) = 1 $= ( c5 c4 c1 5cn 4cn ax-1cn 4p1e5 subaddrii ) ABCDEFGH $.
