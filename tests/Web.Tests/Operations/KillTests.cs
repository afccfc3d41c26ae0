using HallOps.Load.Halls;
using HallOps.Load.Kill;

namespace HallOps.Web.Tests.Operations;

/// <summary>The real server, killed with -9 again and again while it is at work. <c>load -- kill</c> runs the same for as often as is wanted.</summary>
public sealed class KillTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hallops").FullName;

    [Fact]
    public async Task Server_KilledTenTimesUnderLoad_HasEveryAcknowledgedStepExactlyOnce()
    {
        var seed = Environment.TickCount & int.MaxValue;
        var document = await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "samples/halls/rudong-town.json"));
        var outcome = await KillRun.RunAsync(_folder, AlwaysOpen.Of(document), kills: 9, seed, cancel: TestContext.Current.CancellationToken);
        Assert.True(outcome.Wrong.Count == 0, $"seed {seed}: {string.Join("\n", outcome.Wrong)}");
        Assert.Equal(10, outcome.Kills);
        // Otherwise it was killed at rest, which proves nothing.
        Assert.True(outcome.Acknowledged >= 150, $"seed {seed}: only {outcome.Acknowledged} steps were acknowledged.");
        Assert.True(outcome.Rated > 0, $"seed {seed}: nobody rated.");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
