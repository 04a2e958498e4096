-- One request in a hundred, at random, is for /slow. Prints the 99.9th percentile, which wrk does not by itself.
function init(args)
   math.randomseed(os.time())
   fast = wrk.format("GET", "/")
   slow = wrk.format("GET", "/slow")
end

function request()
   return math.random(100) == 1 and slow or fast
end

function done(summary, latency, requests)
   io.write(string.format("     99.9%% %.2fus\n", latency:percentile(99.9)))
end
