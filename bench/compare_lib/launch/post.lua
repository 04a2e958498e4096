-- POST with a body of the given size. The request is built once: no `request` function, so wrk stays fast.
function init(args)
   wrk.method = "POST"
   wrk.body = string.rep("x", tonumber(args[1]))
   wrk.headers["Content-Type"] = "application/octet-stream"
end
