using HallOps.Load.Actor;
using HallOps.Load.Day;
using HallOps.Load.Engine;
using HallOps.Load.Http;
using HallOps.Load.Journal;
using HallOps.Load.Kill;
using HallOps.Load.Measuring;
using HallOps.Load.Push;
using HallOps.Load.Recover;
using HallOps.Load.Reports;
using HallOps.Load.Simulate;

if (args is [BareEndpoint.Scenario])
{
    await BareEndpoint.RunAsync();
    return 0;
}
if (args is [BareHub.Scenario])
{
    await BareHub.RunAsync();
    return 0;
}
var scenarios = new Dictionary<string, Func<LoadOptions, Report, Task>>(StringComparer.Ordinal)
{
    ["engine"] = EngineScenario.RunAsync,
    ["actor"] = ActorScenario.RunAsync,
    ["day"] = DayScenario.RunAsync,
    ["http"] = HttpScenario.RunAsync,
    ["journal"] = JournalScenario.RunAsync,
    ["kill"] = KillScenario.RunAsync,
#if ENGINE_ORLEANS
    ["cluster"] = ClusterScenario.RunAsync,
    ["orleans"] = HallOps.Load.Orleans.OrleansScenario.RunAsync,
#endif
    ["pair"] = PairScenario.RunAsync,
    ["push"] = PushScenario.RunAsync,
    ["recover"] = RecoverScenario.RunAsync,
    ["report"] = ReportScenario.RunAsync,
    ["simulate"] = SimulateScenario.RunAsync,
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
catch (Exception broken) when (options.Scenario is "day" or "kill" or "pair" or "http" or "push" or "report" && broken is InvalidOperationException or HttpRequestException or IOException or TimeoutException or OperationCanceledException)
{
    // What the server did wrong is the finding; where we noticed it is of no use.
    Console.Error.WriteLine($"MISSED: {broken.Message}");
    return 1;
}
if (options.Json is { } file) await report.WriteJsonAsync(file);
return report.Conclude() ? 0 : 1;
