using HallOps.Load.Halls;
using HallOps.Load.Push;

namespace HallOps.Web.Tests.Operations;

/// <summary>Five thousand connections on the real server, with its limits on, through a restart. <c>load -- push --only F17</c> runs the same. After the other tests: it fills the machine.</summary>
[Collection<Alone>]
public sealed class RestartTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hallops").FullName;

    [Fact]
    public async Task F17_FiveThousandScreensThroughARestart_AllComeBackAndNobodyIsTurnedAway()
    {
        var seed = Environment.TickCount & int.MaxValue;
        var document = await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "samples/halls/rudong-town.json"), TestContext.Current.CancellationToken);
        var outcome = await RestartRun.RunAsync(_folder, AlwaysOpen.Of(document), screens: 5_000, seed);
        Assert.True(outcome.TurnedAway == 0, $"seed {seed}: {outcome.Refusals}");
        Assert.True(outcome.Busiest <= RestartRun.MostInAMoment, $"seed {seed}: {outcome.Busiest} came back within 100 ms.");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}

/// <summary>What needs the machine for itself.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class Alone;
