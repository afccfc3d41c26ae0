using System.Text.Json;
using HallOps.Web.Halls;
using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Web.Storage;
using HallOps.Web.Tests.Door;
using HallOps.Web.Tests.Operations;
using Microsoft.Extensions.DependencyInjection;

namespace HallOps.Web.Tests.Tickets;

public sealed class PastTicketTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ticket_ThatItsHallHasForgotten_IsShownAsItEnded_AndTakesNoCommand()
    {
        var folder = new DataFolder(Directory.CreateTempSubdirectory("hallops-past-").FullName);
        string served, left;
        JsonElement before;
        await using (var server = await RunningServer.StartAsync(folder))
        {
            await server.SetUpAsync();
            await server.AddHallAsync("h");
            using var visitor = server.Client();
            using var admin = await server.SignInAsync();
            served = await IssueAsync(visitor);
            left = await IssueAsync(visitor);
            await admin.PostAsync("halls/h/windows/1/open", "{}").JsonAsync();
            await admin.PostAsync("halls/h/windows/1/call-next", "{}").JsonAsync();
            await admin.PostAsync("halls/h/windows/1/start", "{}").JsonAsync();
            await admin.PostAsync("halls/h/windows/1/finish", """{"outcome":"done"}""").JsonAsync();
            await visitor.PostAsync($"tickets/{served}/rating", """{"grade":"satisfied"}""", Guid.NewGuid().ToString()).JsonAsync(201);
            before = await visitor.GetAsync($"tickets/{served}", Cancel).JsonAsync();
        }

        var later = new TestTime();
        later.Forward(TimeSpan.FromHours(50));
        await using (var server = await RunningServer.StartAsync(folder, time: later))
        {
            using var visitor = server.Client();
            // A command first: it applies the two midnights that passed meanwhile.
            foreach (var token in new[] { served, left })
                await visitor.PostAsync($"tickets/{token}/cancel", "{}", Guid.NewGuid().ToString()).ProblemAsync(409, "DayOver");
            await visitor.PostAsync($"tickets/{left}/rating", """{"grade":"satisfied"}""", Guid.NewGuid().ToString()).ProblemAsync(409, "DayOver");
            var halls = server.App.Services.GetRequiredService<IHalls>();
            Assert.Null(await halls.ReadAsync(new HallId("h"), new ReadTicket(new TicketId(1, 1)), Cancel));
            await server.App.Services.GetRequiredService<IHallList>().HasAsync(1, (await halls.ReadAsync(new HallId("h"), new ReadListing(), Cancel))!.Sequence, Cancel);

            var after = await visitor.GetAsync($"tickets/{served}", Cancel).JsonAsync();
            Assert.Equal(before.GetRawText(), after.GetRawText());
            var expired = await visitor.GetAsync($"tickets/{left}", Cancel).JsonAsync();
            Assert.Equal("""{"hall":"h","number":"A002","state":"expired","ahead":null,"estimate":null,"window":null,"calledAt":null,"awayUntil":null,"explanation":null,"legs":[{"leg":1,"service":"s","line":"a","state":"expired","window":null,"outcome":"abandoned","grade":null}],"reservedFor":null,"slot":null,"suspended":null,"toldOnce":null,"leg":1,"instead":null,"matter":null}""", expired.GetRawText());
            // A good token of a ticket that there never was.
            var never = server.App.Services.GetRequiredService<HallOps.Web.Tickets.TicketTokens>().Of(new TicketId(1, 3));
            await visitor.GetAsync($"tickets/{never}", Cancel).ProblemAsync(404, "UnknownTicket");
        }
        Directory.Delete(folder.FullPath, recursive: true);
    }

    private static async Task<string> IssueAsync(HttpClient visitor) =>
        (await visitor.PostAsync("halls/h/tickets", """{"service":"s"}""", Guid.NewGuid().ToString()).JsonAsync(201)).GetProperty("token").GetString()!;
}
