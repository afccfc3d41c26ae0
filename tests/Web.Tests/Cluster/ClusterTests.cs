using HallOps.Load.Halls;
using HallOps.Load.Kill;
using HallOps.Load.Measuring;
using HallOps.Load.Server;

namespace HallOps.Web.Tests.Cluster;

/// <summary>Servers with a role each, as processes on one Redis and one PostgreSQL. <c>load -- cluster</c> troubles them for as long as is wanted.</summary>
public sealed class ClusterTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nodes_KilledAndRestartedUnderLoad_HaveEveryAcknowledgedStepExactlyOnce_AndItsRows()
    {
        var seed = Environment.TickCount & int.MaxValue;
        var document = await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "samples/halls/rudong-town.json"), Cancel);
        var troubles = new Queue<ClusterTrouble>([ClusterTrouble.KillSilo, ClusterTrouble.RestartSilo, ClusterTrouble.KillWeb, ClusterTrouble.KillSilo]);
        var outcome = await ClusterRun.RunAsync(_folder, AlwaysOpen.Of(document), () => troubles.TryDequeue(out var trouble) ? trouble : null, seed, then: SeenAlikeAsync, cancel: Cancel);
        TestContext.Current.TestOutputHelper?.WriteLine($"{string.Join("\n", outcome.Resumed)}\n{outcome.Acknowledged} steps");
        Assert.True(outcome.Wrong.Count == 0, $"seed {seed}: {string.Join("\n", outcome.Wrong)}");
    }

    /// <summary>Whichever node is asked.</summary>
    private static async Task SeenAlikeAsync(IReadOnlyList<Uri> webs, Provision provision)
    {
        using var http = new HttpClient();
        var boards = new List<string>();
        foreach (var web in webs)
        {
            using var board = await http.GetAsync(new Uri(web, "/api/v1/halls"), Cancel);
            boards.Add(await board.Content.ReadAsStringAsync(Cancel));
        }
        Assert.Contains("town-a", boards[0], StringComparison.Ordinal);
        Assert.Equal(boards[0], boards[1]);
    }

    public void Dispose() => _folder.Dispose();
}
