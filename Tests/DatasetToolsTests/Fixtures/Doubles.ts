@problemName Doubles
@timeStamps false
@univariate true
@equalLength true
@targetLabel true
@data
16777217,16777219,3:16777217
1,2,3:5
