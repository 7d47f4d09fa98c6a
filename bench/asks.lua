-- Asks, in turn, what the lines of a file say: an address, or an address, a tab and a form that is posted to it.
-- {n} in them is another number each time.  wrk -s bench/asks.lua URL -- FILE FIRST-NUMBER
local asks, turn, number = {}, 0, 0

function init(args)
  number = tonumber(args[2])
  for line in io.lines(args[1]) do
    local path, form = line:match("^([^\t]*)\t?(.*)$")
    asks[#asks + 1] = { path = path, form = form ~= "" and form or nil }
  end
end

function request()
  turn, number = turn % #asks + 1, number + 1
  local ask = asks[turn]
  local path = ask.path:gsub("{n}", number)
  local form = ask.form and ask.form:gsub("{n}", number)
  return wrk.format(form and "POST" or "GET", path, wrk.headers, form)
end
