#A remark
%Another remark
@problemName Small
@timeStamps false
@missing false
@univariate false
@dimensions 2
@equalLength true
@classLabel true b a 10
@data
-1.3786,-0.8068,1.6541:-0.6712,-1.0541,0.3373:a
1.4073,-1.4540,-0.2085:-0.6321,-1.7610,0.7349:b
-0.0234,0.0714,-0.7523:0.4548,-0.5393,-0.1429:10
