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
-0.1186,-1.9977,-1.1314:0.3628,-2.1286,0.8466:a
-1.7461:0.7567:b
-0.8455,0.7790,0.1310,-1.5368,1.2491:1.4417,-0.0658,-0.2739,-0.1599,-0.9752:10
1.0986,-0.5429:-0.0512,-0.7933:a
