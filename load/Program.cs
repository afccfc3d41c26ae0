using HallOps.Load.Engine;
using HallOps.Load.Measuring;

var scenarios = new Dictionary<string, Func<LoadOptions, Report, Task>>(StringComparer.Ordinal)
{
    ["engine"] = EngineScenario.RunAsync,
};

if (LoadOptions.Read(args, scenarios.Keys, out var options) is { } wrong)
{
    Console.Error.WriteLine(wrong);
    return 2;
}
var report = new Report(options.Scenario, Machine.This);
try
{
    await scenarios[options.Scenario](options, report);
}
catch (CannotMeasureException cannot)
{
    Console.Error.WriteLine(cannot.Message);
    return 1;
}
if (options.Json is { } file) await report.WriteJsonAsync(file);
return report.Conclude() ? 0 : 1;
