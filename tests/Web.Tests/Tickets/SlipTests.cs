using System.Text.Json;
using HallOps.Web.Tests.Door;

namespace HallOps.Web.Tests.Tickets;

/// <summary>Sent home once for what is missing, over HTTP; and a number taken on somebody else's behalf.</summary>
public sealed class SlipTests
{
    private const string Tickets = "/api/v1/halls/h/tickets";
    private const string Window = "/api/v1/halls/h/windows/1";

    [Fact]
    public async Task ToldOnce_TheTicketIsTheSlip_AndTheSecondTimeIsCounted()
    {
        await using var host = await DoorHost.StartAsync();
        using var visitor = host.As(null);
        using var kiosk = host.As("kiosk@h");
        using var clerk = host.As("clerk@h");
        var first = await ToldAsync(host, clerk, await kiosk.PostAsync(Tickets, """{"service":"s"}""").JsonAsync(201));
        Assert.Equal(("s", 1), first.Slip);

        await kiosk.PostAsync(Tickets, """{"service":"s","slip":"nothing"}""").ProblemAsync(404, "UnknownSlip");
        await kiosk.PostAsync(Tickets, $$"""{"service":"s","slip":"{{first.Token}}","appointment":"ABCD2345"}""").ProblemAsync(400, "BadField");
        var back = await visitor.PostAsync(Tickets, $$"""{"service":"s","slip":"{{first.Token}}"}""").JsonAsync(201);
        await kiosk.PostAsync(Tickets, $$"""{"service":"s","slip":"{{first.Token}}"}""").ProblemAsync(409, "AlreadyWaiting");

        var second = await ToldAsync(host, clerk, back);
        Assert.Equal(("s", 2), second.Slip);
        // What it was for is dealt with: only the newer one counts.
        await kiosk.PostAsync(Tickets, $$"""{"service":"s","slip":"{{first.Token}}"}""").ProblemAsync(404, "UnknownSlip");
    }

    [Fact]
    public async Task OnBehalf_AnIdNumberSaysWhoseMatterItIs()
    {
        await using var host = await DoorHost.StartAsync();
        using var guide = host.As("guide@h");
        const string Grandmother = "11010519350228002X";
        await guide.PostAsync(Tickets, $$"""{"service":"t","source":"agent","idNumber":"{{Grandmother}}","cases":2}""").JsonAsync(201);
        await guide.PostAsync(Tickets, $$"""{"service":"t","idNumber":"{{Grandmother}}"}""").ProblemAsync(409, "AlreadyWaiting");
        using var kiosk = host.As("kiosk@h");
        await kiosk.PostAsync(Tickets, $$"""{"service":"s","class":"elderly","idNumber":"{{Grandmother}}"}""").JsonAsync(201);
    }

    private static async Task<(string Token, (string, int) Slip)> ToldAsync(DoorHost host, HttpClient clerk, JsonElement issued)
    {
        var token = issued.GetProperty("token").GetString()!;
        (await clerk.PostAsync($"{Window}/open")).Dispose();
        await clerk.PostAsync($"{Window}/call-next").JsonAsync();
        await clerk.PostAsync($"{Window}/start").JsonAsync();
        await clerk.PostAsync($"{Window}/finish", """{"outcome":"toldOnce","missing":"户口簿"}""").JsonAsync();
        using var visitor = host.As(null);
        var view = await visitor.GetAsync(new Uri($"/api/v1/tickets/{token}", UriKind.Relative), TestContext.Current.CancellationToken).JsonAsync();
        var slip = Assert.Single(view.GetProperty("toldOnce").EnumerateArray());
        Assert.Equal("户口簿", slip.GetProperty("missing").GetString());
        return (token, (slip.GetProperty("service").GetString()!, slip.GetProperty("times").GetInt32()));
    }
}
