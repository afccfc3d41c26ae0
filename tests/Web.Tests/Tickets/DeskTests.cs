using System.Text.Json;
using HallOps.Core.Search;
using HallOps.Web.Tests.Door;

namespace HallOps.Web.Tests.Tickets;

/// <summary>What the guide desk does over HTTP: finds a service, prints a slip again, changes a wrong number.</summary>
public sealed class DeskTests
{
    private const string Tickets = "/api/v1/halls/h/tickets";
    private const string SecondService = """, {"service":"u","name":{"zh":"最低生活保障申请","en":"Subsistence allowance"},"alias":["低保"],"line":"a","kind":"promised","promisedDays":20}""";

    [Theory]
    [InlineData("最低生活保障申请", "zdshbzsq")]
    [InlineData("低保", "db")]
    [InlineData("A4 复印", "a4fy")]
    [InlineData("银行卡", "yxk")]
    [InlineData("银行卡", "yhk")]
    [InlineData("龥", "y")]
    public void PinyinInitials_OfWords_AreWhatPeopleType(string text, string typed) => Assert.Contains(typed, PinyinInitials.Of(text));

    [Fact]
    public async Task Search_ByNameAliasOrInitials_FindsTheService()
    {
        await using var host = await StartAsync();
        using var guide = host.As("guide@h");
        foreach (var typed in new[] { "最低生活", "ZDSH", "subsist", "bzsq" })
        {
            var found = await guide.GetAsync(new Uri($"/api/v1/halls/h/search?q={Uri.EscapeDataString(typed)}", UriKind.Relative), TestContext.Current.CancellationToken).JsonAsync();
            Assert.Equal("u", found[0].GetProperty("service").GetString());
            Assert.Equal(20, found[0].GetProperty("promisedDays").GetInt32());
        }
        var aliases = await guide.GetAsync(new Uri("/api/v1/halls/h/search?q=db", UriKind.Relative), TestContext.Current.CancellationToken).JsonAsync();
        Assert.Equal(["t", "u"], aliases.EnumerateArray().Select(f => f.GetProperty("service").GetString()));
        var none = await guide.GetAsync(new Uri("/api/v1/halls/h/search?q=", UriKind.Relative), TestContext.Current.CancellationToken).JsonAsync();
        Assert.Equal(0, none.GetArrayLength());
        await guide.GetAsync(new Uri($"/api/v1/halls/h/search?q={new string('a', 65)}", UriKind.Relative), TestContext.Current.CancellationToken).ProblemAsync(400, "BadField", "q");
    }

    [Fact]
    public async Task Reprint_ByNumberOrIdNumber_GivesTheSameTicket()
    {
        await using var host = await StartAsync();
        using var kiosk = host.As("kiosk@h");
        var issued = await kiosk.PostAsync(Tickets, """{"service":"s","idNumber":"999999195401010017"}""").JsonAsync(201);
        foreach (var body in new[] { """{"number":"A001"}""", """{"idNumber":"999999195401010017"}""" })
        {
            var again = await kiosk.PostAsync($"{Tickets}/reprint", body).JsonAsync();
            foreach (var member in new[] { "id", "token", "number", "url", "issuedAt" }) Assert.Equal(issued.GetProperty(member).ToString(), again.GetProperty(member).ToString());
        }
        await kiosk.PostAsync($"{Tickets}/reprint", """{"number":"A999"}""").ProblemAsync(404, "UnknownTicket");
        await kiosk.PostAsync($"{Tickets}/reprint", "{}").ProblemAsync(400, "BadField", "number");
        await kiosk.PostAsync($"{Tickets}/reprint", """{"idNumber":"123"}""").ProblemAsync(400, "BadField", "idNumber");
        using var other = host.As("kiosk@o");
        await other.PostAsync($"{Tickets}/reprint", """{"number":"A001"}""").ProblemAsync(403, "NotAllowed");
    }

    [Fact]
    public async Task Change_OfAWrongNumber_KeepsItsTime_AndItsNumber()
    {
        await using var host = await StartAsync();
        using var guide = host.As("guide@h");
        var issued = await guide.PostAsync(Tickets, """{"service":"s"}""").JsonAsync(201);
        var change = $"{Tickets}/{issued.GetProperty("id").GetString()}/change";
        var changed = await guide.PostAsync(change, """{"service":"u"}""").JsonAsync();
        Assert.Equal(("A001", "u", "waiting"), (changed.GetProperty("number").GetString(), changed.GetProperty("service").GetString(), changed.GetProperty("state").GetString()));
        Assert.Equal(issued.GetProperty("issuedAt").GetDateTimeOffset(), changed.GetProperty("since").GetDateTimeOffset());

        var view = await guide.GetAsync(new Uri($"/api/v1/tickets/{issued.GetProperty("token").GetString()}", UriKind.Relative), TestContext.Current.CancellationToken).JsonAsync();
        Assert.Equal([("s", "transferred"), ("u", null)], view.GetProperty("legs").EnumerateArray().Select(l => (l.GetProperty("service").GetString(), l.GetProperty("outcome").GetString())));

        Assert.Equal("u", (await guide.PostAsync(change, """{"service":"u"}""").JsonAsync()).GetProperty("service").GetString());
        await guide.PostAsync(change, """{"service":"nix"}""").ProblemAsync(400, "UnknownService", "service");
        await guide.PostAsync(change, "{}").ProblemAsync(400, "BadField", "service");
        await guide.PostAsync($"{Tickets}/1-999/change", """{"service":"u"}""").ProblemAsync(404, "UnknownTicket");
    }

    [Fact]
    public async Task Code_IsAPicture_OfTheVisitorsPage()
    {
        await using var host = await StartAsync();
        using var kiosk = host.As("kiosk@h");
        var token = (await kiosk.PostAsync(Tickets, """{"service":"s"}""").JsonAsync(201)).GetProperty("token").GetString();
        using var code = await kiosk.GetAsync(new Uri($"/api/v1/tickets/{token}/code.svg", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal("image/svg+xml", code.Content.Headers.ContentType!.MediaType);
        Assert.StartsWith("<svg ", await code.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await kiosk.GetAsync(new Uri("/api/v1/tickets/nix/code.svg", UriKind.Relative), TestContext.Current.CancellationToken).ProblemAsync(404, "UnknownTicket");
    }

    private static async Task<DoorHost> StartAsync()
    {
        var host = await DoorHost.StartAsync();
        var document = DoorHost.Document(DoorHost.Hall);
        var end = document.IndexOf(']', document.IndexOf("\"services\"", StringComparison.Ordinal));
        await host.ConfigureAsync(DoorHost.Hall, document.Insert(end, SecondService));
        return host;
    }
}
