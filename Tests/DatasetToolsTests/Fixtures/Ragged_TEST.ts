#A remark
%Another remark
@problemName Small
@timeStamps false
@missing false
@univariate false
@dimensions 2
@equalLength false
@classLabel true b a 10
@data
-0.6261,-1.2777,1.2571,-0.1541:0.9659,0.0133,-0.6944,-0.3267:a
-0.5602,0.0080:-0.3753,-0.2999:b
