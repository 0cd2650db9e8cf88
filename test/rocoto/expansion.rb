# What the real Rocoto makes of a document, as JSON: tasks in order with their attributes, texts and dependencies for their first
# cycles. Compared with the interpreter's by expansion.py.
#
#   ruby expansion.rb ROCOTO_HOME DOCUMENT MOST_CYCLES
home, path, most = ARGV[0], ARGV[1], ARGV[2].to_i
%w[lib lib/rubysl-date/lib lib/rubysl-parsedate/lib lib/libxml-ruby lib/sqlite3-ruby lib/open4/lib lib/thread/lib].each { |d| $:.unshift("#{home}/#{d}") }
require 'json'
require 'libxml'
require 'workflowmgr/utilities'
require 'workflowmgr/workflowdoc'
require 'workflowmgr/dependency'
LibXML::XML::Error.set_handler(&LibXML::XML::Error::QUIET_HANDLER)
WorkflowMgr.const_set("VERBOSE", 0) unless WorkflowMgr.const_defined?(:VERBOSE)

# Reads files here instead of in a server of its own.
class Files
  def exist?(path) File.exist?(path) end
  def parseXMLFile(path) LibXML::XML::Parser.file(path, :options => LibXML::XML::Parser::Options::NOENT).parse.to_s end
end

def tree(node, cycle)
  get = ->(name) { node.instance_variable_get(name) }
  case node
  when WorkflowMgr::Dependency then tree(get.(:@root), cycle)
  when WorkflowMgr::Dependency_NOT_Operator then ["not", tree(get.(:@operand), cycle)]
  when WorkflowMgr::Dependency_SOME_Operator then ["some", get.(:@threshold), *get.(:@operands).map { |o| tree(o, cycle) }]
  when WorkflowMgr::TaskDependency then ["taskdep", get.(:@task), get.(:@state), get.(:@cycle_offset)]
  when WorkflowMgr::CycleExistDependency then ["cycleexistdep", get.(:@cycle_offset)]
  when WorkflowMgr::TaskValidDependency then ["taskvalid", get.(:@task)]
  when WorkflowMgr::TimeDependency then ["timedep", get.(:@timestr).to_s(cycle)]
  when WorkflowMgr::DataDependency then ["datadep", get.(:@datapath).to_s(cycle), get.(:@age)]
  when WorkflowMgr::ShellDependency then ["sh", get.(:@shellexpr).to_s(cycle)]
  when WorkflowMgr::RubyDependency then ["rb", get.(:@script).to_s(cycle)]
  when WorkflowMgr::ConstDependency then [get.(:@value).to_s]
  when WorkflowMgr::StringDependency then ["str"]
  else
    name = node.class.name[/Dependency_(\w+)_Operator/, 1].downcase
    [name, *get.(:@operands).map { |o| tree(o, cycle) }]
  end
end

document = WorkflowMgr::WorkflowXMLDoc.new(path, Files.new, nil)
cycledefs = document.cycledefs
cycles = []
cycledefs.each do |cycledef|
  # As Rocoto itself goes on, a minute further: `each` stays at the first of a cron.
  cycle = cycledef.first
  most.times do
    break if cycle.nil?
    cycles << cycle
    cycle, = cycledef.next(cycle + 60, false)
  end
end
cycles = cycles.uniq.sort.first(most)
tasks = document.tasks.values.sort_by { |task| task.seq }.map do |task|
  groups = task.attributes[:cycledefs]
  own = groups.nil? ? cycledefs : cycledefs.select { |c| groups.split(/[\s,]+/).member?(c.group) }
  valid = cycles.select { |cycle| own.any? { |c| c.member?(cycle) } }
  {
    "name" => task.attributes[:name], "maxtries" => task.attributes[:maxtries], "throttle" => task.attributes[:throttle],
    "metatasks" => (task.attributes[:metatasks] || ""),
    "cycles" => valid.map do |cycle|
      local = task.localize(cycle.dup)
      natives = []
      local.each_native { |native| natives << native }
      texts = [:command, :jobname, :join, :account, :queue, :walltime, :memory].map { |a| local.attributes[a].to_s }
      { "cycle" => cycle.strftime("%Y%m%d%H%M"), "texts" => texts + natives,
        "envars" => local.envars.map { |k, v| [k, v.to_s] }.sort,
        "dependency" => (task.dependency.nil? ? nil : tree(task.dependency, cycle.dup)) }
    end
  }
end
puts JSON.generate({ "cycles" => cycles.map { |c| c.strftime("%Y%m%d%H%M") }, "tasks" => tasks })
