#A remark
%Another remark
@problemName Small
@timeStamps false
@missing true
@univariate false
@dimensions 2
@equalLength false
@classLabel true b a 10
@data
1,?,3:4,5,?:a
